"""Start, replace and end a zygote: the trusted side. Linux only."""

import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.sandbox.process import cgroup, control
from grader.sandbox.process.interpreter import bootstrap_apart, python_command, scrubbed_environment
from grader.sandbox.process.lane import Lane, Line
from grader.sandbox.process.limits import Limits
from grader.sandbox.process.trust import NOBODY, Trust

_END_SECONDS = 10.0


@dataclass(frozen=True)
class Passage:
    """A lane on its way to another process of ours: it can be pickled while `multiprocessing` starts that one.

    Whoever gives it away then closes it here, so that the zygote notices when the other process is gone.
    """

    config: control.Config
    limits: Limits
    socket: socket.socket
    groups: cgroup.Groups
    trust: Trust = NOBODY

    def close(self) -> None:
        self.socket.close()


class ZygoteOwner:
    """Starts one zygote and ends it. Construct it early: it imports torch while the caller does its own imports.

    Each of its `lanes` serves one grading process; one that is forked from it gets a branch of that. A process that finds the
    zygote gone gets another one, for itself alone. It must be constructed in a thread that outlives it, since the kernel ends the
    zygote with the thread that made it.
    """

    def __init__(
        self,
        config: control.Config,
        limits: Limits,
        lanes: int = 1,
        lines: Sequence[Line] | None = None,
        groups: cgroup.Groups | None = None,
    ) -> None:
        """With `lines`, which come from a zygote of another owner, one is started only if that zygote is gone.

        Workers are put into control groups in `groups`, or where such can be made.
        """
        self._config = config
        self._limits = limits
        self._zygotes: list[_Zygote] = []
        self._left: list[_Zygote] = []  # by the only lane that each had
        self.groups = groups or (cgroup.claim() if config.cgroup else cgroup.Groups(why_none="switched off"))
        self._lines = self._start(lanes) if lines is None else lines
        self.lanes = [Lane(line, limits, self._start_another) for line in self._lines]

    @classmethod
    def of(cls, passage: Passage) -> "ZygoteOwner":
        """Use a lane that another process has given to this one."""
        return cls(passage.config, passage.limits, lines=[Line(passage.socket, lambda: "")], groups=passage.groups)

    def passage(self, number: int, trust: Trust = NOBODY) -> Passage:
        """A lane to give away instead of using it."""
        return Passage(self._config, self._limits, self._lines[number].socket, self.groups, trust)

    @property
    def pid(self) -> int | None:
        """Process id of the zygote that was started last, if one was."""
        return _innermost(self._zygotes[-1].process.pid) if self._zygotes else None

    def _start(self, lanes: int) -> list[Line]:
        zygote = _Zygote(self._config, lanes, self.groups.folder)
        self._zygotes.append(zygote)
        return zygote.lines

    def _start_another(self, before: Line) -> Line:
        """A zygote for one lane, which has hung up on the one `before`: if that was its alone, nobody needs it any more."""
        self._left += [one for one in self._zygotes if one.lines == [before]]
        self._zygotes = [one for one in self._zygotes if one.lines != [before]]
        for zygote in [one for one in self._left if one.process.poll() is not None]:
            zygote.close()
            self._left.remove(zygote)
        return self._start(1)[0]

    def close(self) -> None:
        """Hang up; every zygote then ends its workers and itself."""
        for lane in self.lanes:
            lane.close()
        for zygote in (*self._left, *self._zygotes):
            zygote.close()
        cgroup.release(self.groups)


class _Zygote:
    """One zygote process, and the lines to it. What it says goes to memory: the disk may be full."""

    def __init__(self, config: control.Config, lanes: int, groups: Path | None) -> None:
        self._log = os.memfd_create("log")
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(lanes)]
        try:
            self.process = self._start(config, [theirs.fileno() for _, theirs in pairs], groups)
        except OSError:
            os.close(self._log)
            for mine, _ in pairs:
                mine.close()
            raise
        finally:
            for _, theirs in pairs:
                theirs.close()
        self.lines = [Line(mine, self._last_words) for mine, _ in pairs]

    def _start(
        self, config: control.Config, descriptors: Sequence[int], groups: Path | None
    ) -> subprocess.Popen[bytes]:
        with os.fdopen(os.memfd_create("start"), "wb+") as file, ExitStack() as opened:
            folder = None if groups is None else os.open(groups, os.O_RDONLY | os.O_DIRECTORY)
            if folder is not None:
                opened.callback(os.close, folder)
            start = msgspec.json.encode([list(descriptors), folder, config])
            file.write(bootstrap_apart("grader.sandbox.process.start_zygote", config.hidden) + start)
            file.seek(0)
            return subprocess.Popen(
                python_command("grader.sandbox.process.start_zygote"),
                pass_fds=[*descriptors, *([] if folder is None else [folder])],
                env=scrubbed_environment(),
                stdin=file,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                start_new_session=True,
            )

    def _last_words(self) -> str:
        lines = os.pread(self._log, 1 << 16, 0).decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def close(self) -> None:
        """Wait for its end, which comes once every line is closed."""
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._log)


def _innermost(pid: int) -> int:
    """The first process of the namespaces that this one has made, if it has made any: it only waits for that one."""
    try:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            status = Path(f"/proc/{child}/status").read_text(encoding="utf-8", errors="replace")
            if any(line.startswith("NSpid:") and line.endswith("\t1") for line in status.splitlines()):
                return int(child)
    except OSError:  # it has just ended
        pass
    return pid
