"""Start workers as plain subprocesses, where Landlock, seccomp and fork are unavailable: a student's own macOS or Windows.

The same wire and the same limits on time, but no confinement; the Report says so. One spare process is always being
started, so that its import of torch overlaps with the check before it.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

import msgspec

from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel
from grader.sandbox.limits.deadline import AwakeClock, Deadline, OutOfTimeError, is_asleep
from grader.sandbox.limits.limits import PAUSE_SECONDS, Limits
from grader.sandbox.limits.worker_process import GRACE, ProcessExit
from grader.sandbox.process.interpreter import bootstrap, python_command, scrubbed_environment
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:
    from grader.toolkit.tensors import SharedTensor

_KEPT_ON_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "PATH", "TEMP", "TMP", "COMSPEC", "NUMBER_OF_PROCESSORS")


class PlainLauncher:
    """Keeps one spare subprocess ahead of demand. `preload` are modules that workers import before they are used, and `modules`
    texts of the course's own."""

    def __init__(self, limits: Limits, preload: list[str] | None = None, modules: dict[str, str] | None = None) -> None:
        self.limits = limits
        self._preload, self._modules = preload or [], modules or {}
        self._spare: PlainProcess | None = PlainProcess(limits, self._preload, self._modules)

    def spawn(
        self, limits: Limits | None = None, shared: "SharedTensor | None" = None, ahead: bool = True
    ) -> "PlainProcess":
        """Hand out the spare if it will do, and start the next one. Shared memory is found by its path."""
        if limits is None:
            process, self._spare = self._spare or PlainProcess(self.limits, self._preload, self._modules), None
        else:
            process = PlainProcess(limits, self._preload, self._modules)
        if ahead and self._spare is None:
            self._spare = PlainProcess(self.limits, self._preload, self._modules)
        return process

    def renew(self) -> None:
        """Forget the spare: every other worker is fresh anyway."""
        self.close()

    def close(self) -> None:
        if self._spare is not None:
            self._spare.close()
            self._spare = None


class PlainProcess:
    """An unconfined worker process."""

    def __init__(self, limits: Limits, preload: list[str], modules: dict[str, str]) -> None:
        self._output = tempfile.TemporaryFile()  # noqa: SIM115, closed by close()
        self._scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True) if limits.scratch_bytes else None
        self.socket, theirs = socket.socketpair()
        descriptor = None if sys.platform == "win32" else theirs.fileno()
        start = (
            bootstrap("grader.sandbox.process.launch_plain")
            + msgspec.json.encode([limits, preload, modules, descriptor])
            + b"\n"
        )
        try:
            with theirs:
                self._process = subprocess.Popen(
                    python_command("grader.sandbox.process.launch_plain"),
                    stdin=subprocess.PIPE,
                    stdout=self._output,
                    stderr=self._output,
                    env=self._environment(),
                    cwd=self._scratch.name if self._scratch else "/" if os.name == "posix" else None,
                    **_platform_options(theirs),
                )
                self._hand_over(start, theirs)
        except OSError as error:
            raise GraderFaultError(f"a worker process could not be started: {error}") from error
        self.pid = self._process.pid
        self.socket.settimeout(PAUSE_SECONDS)
        self.awake_seconds = AwakeClock(self.pid)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT_ON_WINDOWS if name in os.environ} if os.name == "nt" else {}
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._scratch.name) if self._scratch else {}
        return scrubbed_environment() | kept | temporary

    def _hand_over(self, start: bytes, theirs: socket.socket) -> None:
        """Tell the child how to start. It inherits its socket, or, on Windows, finds a description on its standard input."""
        assert self._process.stdin is not None
        with self._process.stdin as pipe:
            pipe.write(start)
            if sys.platform == "win32":
                pipe.write(theirs.share(self._process.pid))

    def cpu_seconds(self) -> float | None:
        if sys.platform != "linux":
            return None
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return None

    def kill(self) -> None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def is_asleep(self) -> bool | None:
        return is_asleep(self.pid)

    def wait_for_exit(self) -> ProcessExit:
        deadline = Deadline(self)
        deadline.begin(GRACE)
        while True:
            cpu_seconds = self.cpu_seconds()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return ProcessExit(self._process.wait(PAUSE_SECONDS), cpu_seconds)
            try:
                deadline()
            except OutOfTimeError:
                self.kill()
                return ProcessExit(None)

    def output(self, limit: int) -> bytes:
        self._output.seek(0)
        return self._output.read(limit)

    def close(self) -> None:
        self.socket.close()
        self.kill()
        self._process.wait()
        self.awake_seconds.close()
        self._output.close()
        if self._scratch is not None:
            self._scratch.cleanup()


def _platform_options(theirs: socket.socket) -> dict[str, Any]:
    if os.name == "posix":
        return {"pass_fds": [theirs.fileno()], "start_new_session": True}
    return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]


def _limit_resources(limits: Limits) -> bool:
    """Set what limits the platform has; memory is left alone, since its accounting differs too much between them."""
    try:
        import resource
    except ImportError:
        return False
    for kind, value in (
        (resource.RLIMIT_CPU, limits.kernel_cpu_seconds if sys.platform == "linux" else limits.check_cpu_seconds),
        (resource.RLIMIT_FSIZE, max(limits.output_bytes, limits.scratch_bytes)),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))
    return True


def main() -> None:
    """The child: import everything, then serve one submission."""
    line = sys.stdin.buffer.readline()
    kind = tuple[Limits, list[str], dict[str, str], int | None]
    limits, preload, modules, descriptor = msgspec.json.decode(line, type=kind)
    if sys.platform == "win32":
        sock = socket.fromshare(sys.stdin.buffer.read())
    else:
        sock = socket.socket(fileno=descriptor)
    sock.setblocking(True)
    import importlib

    import torch

    from grader.sandbox.calls import worker
    from grader.toolkit.travelling import SentModules

    torch.set_num_threads(1)
    for module in preload:
        importlib.import_module(module)
    SentModules(modules).install()
    worker.seed_global_generators()
    layers = {"landlock": 0, "seccomp": False, "rlimits": _limit_resources(limits)}
    worker.run(Channel(sock, wire.ToWorker), layers)
