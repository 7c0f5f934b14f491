"""Give commands to the runner of a GitHub workflow, and prevent the submission from giving any.

The runner reads commands from the output of a step (GitHub's documentation, "Workflow commands for GitHub Actions").
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from grader.toolkit.text import clean, harmless, one_line

_MESSAGE_LIMIT = 2000  # characters, beside a line of code


@dataclass(frozen=True)
class Annotation:
    """An annotation on GitHub, on a line of a file if there is one."""

    title: str
    message: str
    file: str = ""
    line: int | None = None
    level: str = "error"

    @property
    def command(self) -> str:
        """The line to print. No word in it can end it."""
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
    """Inside the block, the runner reads no printed text as a command."""
    token = secrets.token_hex(16)  # a submission cannot guess it
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # on its own line
