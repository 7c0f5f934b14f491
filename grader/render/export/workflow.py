"""Commands to the runner of a GitHub workflow, which reads them from what a step prints; and how nobody else gives any.

The commands and their escapes are those of GitHub's documentation, "Workflow commands for GitHub Actions".
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.toolkit.text import clean, harmless, one_line

_MESSAGE_LIMIT = 2000  # characters: what is read beside a line of code


@dataclass(frozen=True)
class Annotation:
    """A remark of GitHub's, on a line of a file if there is one."""

    title: str
    message: str
    file: str = ""
    line: int | None = None
    level: str = "error"

    @property
    def command(self) -> str:
        """The line to print. Whatever the words in it are, they stay within it."""
        properties = {"file": self.file, "line": str(self.line or ""), "title": self.title}
        listed = ",".join(
            f"{name}={_property(harmless(one_line(value)))}" for name, value in properties.items() if value
        )
        return f"::{self.level} {listed}::{_data(harmless(clean(self.message, _MESSAGE_LIMIT)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


@contextmanager
def no_commands() -> Iterator[None]:
    """Let the runner take nothing that is printed meanwhile for a command to itself."""
    token = secrets.token_hex(16)  # nobody who writes a submission can guess it
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # on a line of its own, whatever was printed last
