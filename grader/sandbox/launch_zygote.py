"""Start workers by way of a zygote: the trusted side. Linux only."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from grader.sandbox import control
from grader.sandbox.channel import PAUSE_SECONDS
from grader.sandbox.limits import Limits
from grader.sandbox.process import GRACE_SECONDS, Ending
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:
    from grader.toolkit.shared import SharedTensor

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0  # a cold disk can take a minute to import torch
ANSWER_SECONDS = 30.0
_BOOTSTRAP = "import sys; sys.path[:] = [{root!r}, *sys.path, *{folders!r}]; from {module} import main; main()"


def scrubbed_environment() -> dict[str, str]:
    """The whole environment of whatever runs student code: nothing of ours, one thread, a fixed hash seed."""
    threads = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {
        **dict.fromkeys(threads, "1"),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
    }


def library_folders() -> list[str]:
    """The folders that hold torch, numpy and msgspec, which a fresh interpreter might not find by itself."""
    origins = [spec.origin for name in ("torch", "numpy", "msgspec") if (spec := find_spec(name)) and spec.origin]
    return sorted({str(Path(origin).parents[1]) for origin in origins})


def python_command(module: str) -> list[str]:
    """The command that runs `main` of one of our modules in a fresh interpreter, whatever the environment says."""
    code = _BOOTSTRAP.format(root=str(PACKAGE_ROOT), folders=library_folders(), module=module)
    return [sys.executable, "-s", "-P", "-c", code]


@dataclass
class _Order:
    """A worker that was asked for: its channel and output, and, once it runs, its process."""

    job: int
    socket: socket.socket
    output: int
    pid: int | None = None
    pidfd: int | None = None
    ended: control.Ended | None = None

    def close(self) -> None:
        """Free what belongs to it here. A worker whose channel is closed ends by itself."""
        self.socket.close()
        os.close(self.output)
        if self.pidfd is not None:
            os.close(self.pidfd)


class ZygoteLauncher:
    """Owns one zygote. Construct it early: it imports torch while the caller does its own imports.

    It must be constructed in a thread that outlives it, since the kernel ends the zygote with the thread that made it.
    """

    def __init__(self, config: control.Config, limits: Limits) -> None:
        self.limits = limits
        self._ready: control.Ready | None = None
        self._trouble: GraderFaultError | None = None
        self._orders: dict[int, _Order] = {}
        self._spare: _Order | None = None
        self._jobs = 0
        self._log = tempfile.TemporaryFile()  # noqa: SIM115, closed by close()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            arguments = [str(theirs.fileno()), msgspec.json.encode(config).decode()]
            self._process = subprocess.Popen(
                [*python_command("grader.sandbox.zygote"), *arguments],
                pass_fds=[theirs.fileno()],
                env=scrubbed_environment(),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                cwd="/",
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id of the zygote."""
        return self._process.pid

    def wait_until_ready(self) -> control.Ready:
        """Return once the zygote has imported everything."""
        if self._trouble is not None:  # a zygote that failed once is not waited for again
            raise self._trouble
        while self._ready is None:
            self._receive(START_SECONDS)
        return self._ready

    def spawn(
        self, limits: Limits | None = None, shared: "SharedTensor | None" = None, ahead: bool = True
    ) -> "ZygoteProcess":
        """Hand out a fresh worker; the next ordinary one is forked and confined while this one is busy."""
        self.wait_until_ready()
        if limits is None and shared is None:
            order, self._spare = self._spare or self._order(self.limits), None
        else:
            order = self._order(limits or self.limits, shared)
        if ahead and self._spare is None:
            self._spare = self._order(self.limits)
        while order.pid is None:
            self._receive(ANSWER_SECONDS)
        return ZygoteProcess(self, order)

    def _order(self, limits: Limits, shared: "SharedTensor | None" = None) -> "_Order":
        """Ask for a worker; its process id comes later."""
        self._jobs += 1
        mine, theirs = socket.socketpair()
        order = _Order(self._jobs, mine, os.memfd_create("output"))
        self._orders[order.job] = order
        request = control.Spawn(
            order.job, limits.memory_bytes, limits.check_cpu_seconds, limits.output_bytes, limits.open_files
        )
        memory = () if shared is None else (shared.descriptor,)
        with theirs:
            self._send(request, (theirs.fileno(), order.output, *memory))
        return order

    def forget(self, job: int) -> None:
        """A worker is not needed any more, and nobody will ask how it ended."""
        self._orders.pop(job, None)

    def ending(self, job: int, seconds: float) -> control.Ended | None:
        """Wait up to `seconds` for the end of a worker."""
        deadline = time.monotonic() + seconds
        order = self._orders[job]
        while order.ended is None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                return None
            self._receive(ANSWER_SECONDS)
        return order.ended

    def _send(self, message: msgspec.Struct, descriptors: tuple[int, ...]) -> None:
        try:
            control.send(self._socket, message, descriptors)
        except OSError:
            raise self._fault("ended") from None

    def _receive(self, seconds: float) -> None:
        """Take the next message and note what it says."""
        self._socket.settimeout(seconds)
        try:
            message, descriptors = control.receive(self._socket, control.FromZygote)
        except TimeoutError:
            raise self._fault(f"did not answer within {seconds:.0f} s") from None
        except OSError:
            message = None
        if message is None:
            raise self._fault("ended")
        if isinstance(message, control.Ready):
            self._ready = message
        elif isinstance(message, control.Started):
            order = self._orders[message.job]
            order.pid, order.pidfd = message.pid, descriptors[0]
        elif message.job in self._orders:
            self._orders[message.job].ended = message

    def _fault(self, what: str) -> GraderFaultError:
        self._log.seek(0)
        log = self._log.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        self._trouble = GraderFaultError(f"the sandbox's zygote {what}" + (f": {log[-1]}" if log else ""))
        return self._trouble

    def close(self) -> None:
        """Hang up; the zygote then ends every worker and itself."""
        self._socket.close()
        for order in self._orders.values():
            order.close()
        self._orders.clear()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def __enter__(self) -> "ZygoteLauncher":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class ZygoteProcess:
    """A confined worker, forked by a zygote, held by its pidfd."""

    def __init__(self, launcher: ZygoteLauncher, order: _Order) -> None:
        assert order.pid is not None
        self.pid = order.pid
        self.socket = order.socket
        self.socket.settimeout(PAUSE_SECONDS)
        self._launcher = launcher
        self._order = order
        # The kernel's name for the CPU clock of another process (clock_getcpuclockid(3)).
        self._cpu_clock = (~order.pid << 3) | 2

    def cpu_seconds(self) -> float | None:
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:  # it is gone
            return None

    def kill(self) -> None:
        if self._order.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._order.pidfd, signal.SIGKILL)

    def ending(self) -> Ending:
        ended = self._launcher.ending(self._order.job, GRACE_SECONDS)
        if ended is None:
            self.kill()
            return Ending(None)
        return Ending(os.waitstatus_to_exitcode(ended.status), ended.cpu_seconds)

    def output(self, limit: int) -> bytes:
        return os.pread(self._order.output, limit, 0)

    def close(self) -> None:
        """Kill it. Its zygote reaps it meanwhile: nobody waits."""
        self.kill()
        self._order.close()
        self._launcher.forget(self._order.job)
