"""A shell in a pseudo-terminal, in which a person types `grade`."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.commands import SEQUENCE, environment
from tests.paths import ROOT, TINY

GRADE = f"{sys.executable} -c 'from grader.program import program; program()'"
# With this, every import of torch or numpy fails: only a grading by another process can succeed, asked by one that is quick.
GRADE_WITHOUT_TORCH = GRADE.replace("'from", "'import sys; sys.modules.update(torch=None, numpy=None); from")
READ_BY_LIBRARIES = ("GLIBC_TUNABLES", "LD_LIBRARY_PATH", "NPY_ENABLE_CPU_FEATURES")  # some of them
TOKEN = "a password in the terminal's environment"
SECONDS = re.compile(r"\d+\.\d+ s\b")


class Shell:
    """A shell with a terminal, a course of its own and a folder for the sockets of warm processes."""

    def __init__(self, folder: Path, course: str = "course") -> None:
        self.course, self.sockets = folder / course, folder / "run"
        shutil.copytree(TINY, self.course, ignore=shutil.ignore_patterns("__pycache__"))
        self.sockets.mkdir()
        self.file = self.course / "exercises" / "section1_tiny.py"
        self.right = (self.course / "solutions" / "section1_tiny.py").read_text(encoding="utf-8")
        self.file.write_text(self.right, encoding="utf-8")
        import pty  # here: Windows has none

        self._terminal, theirs = pty.openpty()
        variables = environment(
            self.course, XDG_RUNTIME_DIR=str(self.sockets), PYTHONPATH=str(ROOT), TERM="dumb", TOKEN=TOKEN
        )
        for name in ("CI", "GRADE_COLD", *READ_BY_LIBRARIES):
            variables.pop(name, None)
        loop = 'while read -r line; do eval "$line"; echo "<<$?>>"; done'
        terminal = "set -m; stty -echo; echo '<<0>>'"  # -m: as a shell in which a person types
        self._process = subprocess.Popen(
            ["setsid", "-c", "bash", "-c", f"{terminal}; {loop}"],
            env=variables,
            cwd=self.course,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._until_done()

    def types(self, command: str) -> tuple[int, str]:
        """Run a command; its exit code, and what it wrote."""
        os.write(self._terminal, f"{command}\n".encode())
        return self._until_done()

    def _until_done(self) -> tuple[int, str]:
        text = ""
        while not (end := re.search(r"<<(\d+)>>", text)):
            text += os.read(self._terminal, 1 << 16).decode(errors="replace")
        return int(end[1]), SEQUENCE.sub("", text[: end.start()]).replace("\r", "")

    def warm_processes(self) -> set[int]:
        """The warm processes of this shell's course."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if b"grader.warm.warm_server" in path.read_bytes():
                    opened = [one.readlink() for one in path.with_name("fd").iterdir()]
                    if any(one.suffix == ".lock" and one.is_relative_to(self.sockets) for one in opened):  # no zygote
                        found.add(int(path.parent.name))
        return found

    def parts_in_memory(self, process: int, texts: list[str]) -> set[str]:
        """Which texts are in the memory of a process, or, if it has children, in that of those."""
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        if children:
            return {text for child in children for text in self.parts_in_memory(int(child), texts)}
        found = set()
        with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
            for line in Path(f"/proc/{process}/maps").read_text(errors="replace").splitlines():
                first, last = (int(number, 16) for number in line.split()[0].split("-"))
                if " rw-p " in line:
                    memory.seek(first)
                    held = memory.read(last - first)
                    found |= {text for text in texts if text.encode() in held}
        return found

    def waits_for(self, holds, what: str) -> None:
        deadline = time.monotonic() + 120
        while not holds():
            assert time.monotonic() < deadline, what
            time.sleep(0.05)

    def waits_until_warm(self) -> None:
        self.waits_for(lambda: list(self.sockets.glob("*/*.socket")), "no warm process")
        (place,) = self.sockets.glob("*/*.socket")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place))
            assert connection.recv(1), "it does not greet"

    def waits_until_gone(self) -> None:
        self.waits_for(lambda: not self.warm_processes(), "the warm process does not end")

    def close(self) -> None:
        os.close(self._terminal)
        self._process.kill()
        self._process.wait()
