"""Runs commands of `grade`, one after the other, on a platform that is played; prints what came of each as JSON.

Its words: the platform, the course's folder. Its input: a list of `Step`s.
"""

import _thread
import contextlib
import io
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from tests.platforms.emulation import KEYS, play

_PAUSE_SECONDS = 0.5


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """A command, or a magic of Jupyter, and what a student does meanwhile."""

    words: list[str]
    text: str | None = None  # of the section's file, before it
    deeds: list[tuple[str, str]] = []  # words to wait for on the console, and then: "save TEXT", "key K" or "interrupt"
    environment: dict[str, str] = {}


class Console(io.BytesIO):
    """What is shown. Certain words make the student act, at once."""

    def __init__(self, file: Path, deeds: list[tuple[str, str]]) -> None:
        super().__init__()
        self._file, self._deeds, self._seen = file, list(deeds), 0
        self._is_watched = bool(deeds and deeds[0][0])
        if deeds and not self._is_watched:  # nothing to wait for
            threading.Timer(_PAUSE_SECONDS, _thread.interrupt_main).start()

    def isatty(self) -> bool:
        return self._is_watched

    def write(self, data: object) -> int:
        count = super().write(data)  # type: ignore[arg-type]
        if self._is_watched and self._deeds and self._deeds[0][0] in self.text()[self._seen :]:
            self._seen = len(self.text())
            deed, _, rest = self._deeds.pop(0)[1].partition(" ")
            if deed == "save":
                self._file.write_text(rest, encoding="utf-8", newline="\r\n")
            elif deed == "key":
                KEYS.append(rest)
            else:
                _thread.interrupt_main()
        return count

    def text(self) -> str:
        return self.getvalue().decode("cp1252")


class Keyboard(io.StringIO):
    """Standard input that says it is a terminal, as that of a console of Windows; POSIX asks the descriptor, too."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 0


def run(step: Step, file: Path) -> tuple[int, str]:
    """The exit code and what is printed, on a console that knows the letters of western Europe only."""
    raw = Console(file, step.deeds)
    console = io.TextIOWrapper(raw, encoding="cp1252", write_through=True)
    code, before = 0, sys.stdin
    os.environ.update(step.environment)
    sys.argv, sys.stdin = ["grade", *step.words], Keyboard() if raw.isatty() else before
    with contextlib.redirect_stdout(console), contextlib.redirect_stderr(console):
        try:
            run_magic(*step.words) if step.words and step.words[0].startswith("%") else run_command()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except KeyboardInterrupt:
            code = 130  # as in grader.program
    sys.stdin = before
    for name in step.environment:
        del os.environ[name]
    return code, raw.text()


def run_command() -> None:
    from grader.cli import main

    main()


def run_magic(magic: str, *words: str) -> None:
    """Run a cell with the text of the last word, then the magic."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "grader")
    shell.run_cell(words[-1], store_history=True)
    shell.run_line_magic(magic.removeprefix("%"), " ".join(words[:-1]))
    shell.run_line_magic("unload_ext", "grader")


if __name__ == "__main__":
    platform, root = sys.argv[1:]
    os.environ.update(GRADE_COURSE=root, COLUMNS="80", TERM="dumb", IPYTHONDIR=str(Path(root, ".ipython")))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    play(platform)
    file = Path(root, "exercises", "section1_tiny.py")
    found = []
    for step in msgspec.json.decode(sys.stdin.buffer.read(), type=list[Step]):
        if step.text is not None:
            file.write_text(step.text, encoding="utf-8", newline="\r\n")
        found.append(run(step, file))
    print(msgspec.json.encode(found).decode())
