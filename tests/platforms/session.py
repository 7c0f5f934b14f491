"""Runs commands of `grade`, one after the other, on a platform that is played; prints what came of each as JSON.

Its words: what is `Played`, and the course's folder. Its input: a list of `Step`s.
"""

import _thread
import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from tests.paths import ROOT
from tests.platforms.behaviours import KEYS
from tests.platforms.emulation import Played, play
from tests.platforms.typeshed import table

_PAUSE_SECONDS = 0.5
_PATIENCE_SECONDS = 300.0


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """A command, a magic of Jupyter or "python" with a program, and what a student does meanwhile."""

    words: list[str]
    code: int = 0  # its exit code
    shown: str = ""  # among what it prints
    text: str | None = None  # of the first section's file, before it
    deeds: list[tuple[str, str]] = []  # words to wait for on the console, and then: "save TEXT", "key K" or "interrupt"
    environment: dict[str, str] = {}


class Outcome(msgspec.Struct):
    """What came of a step."""

    code: int
    text: str

    def is_right(self, step: Step) -> bool:
        return self.code == step.code and step.shown in self.text and "Traceback" not in self.text


def session(played: Played, course: Path, steps: list[Step]) -> "list[Outcome] | str":
    """Run the steps, without a guard until the first that goes wrong. Returns what came of each, or how the session failed."""
    played = played._replace(taken=table(played.platform))
    command = [sys.executable, "-m", "tests.platforms.session", msgspec.json.encode(played).decode(), str(course)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            printed, errors = process.communicate(msgspec.json.encode(steps), _PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "it hangs"
    if process.returncode:
        return errors.decode()
    return msgspec.json.decode(printed.splitlines()[-1], type=list[Outcome])


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


def run(step: Step, file: Path) -> Outcome:
    """The exit code and what is printed, on a console that knows the letters of western Europe only."""
    raw = Console(file, step.deeds)
    console = io.TextIOWrapper(raw, encoding="cp1252", write_through=True)
    code, before = 0, sys.stdin
    os.environ.update(step.environment)
    sys.argv, sys.stdin = ["grade", *step.words], Keyboard() if raw.isatty() else before
    with contextlib.redirect_stdout(console), contextlib.redirect_stderr(console):
        try:
            run_words(step.words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except KeyboardInterrupt:
            code = 130  # as in grader.program
    sys.stdin = before
    for name in step.environment:
        del os.environ[name]
    return Outcome(code, raw.text())


def run_words(words: list[str]) -> None:
    if words and words[0].startswith("%"):
        run_magic(*words)
    elif words and words[0] == "python":
        exec(words[1], {})
    else:
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
    played, root = msgspec.json.decode(sys.argv[1], type=Played), sys.argv[2]
    for name in ("CI", "DISPLAY", "GRADE_COLD", "WAYLAND_DISPLAY"):
        os.environ.pop(name, None)
    os.environ.update(GRADE_COURSE=root, COLUMNS="80", TERM="dumb", IPYTHONDIR=str(Path(root, ".ipython")))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    play(played)
    file = min(Path(root, "exercises").glob("*.py"))
    found: list[Outcome] = []
    for number, step in enumerate(msgspec.json.decode(sys.stdin.buffer.read(), type=list[Step])):
        if step.text is not None:
            file.write_text(step.text, encoding="utf-8", newline="\r\n")
        if played.record:
            with open(played.record, "a") as record:
                record.write(f"step {number}\n")
        found.append(run(step, file))
        if played.removed[0] and not found[-1].is_right(step):
            break
    print(msgspec.json.encode(found).decode())
