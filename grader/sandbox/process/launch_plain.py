"""Start workers as plain subprocesses, where Landlock, seccomp and fork are unavailable: a student's own macOS or Windows.

The same wire and the same limits on time, but no confinement; the Report says so. To import torch takes a second or more, so a
process serves one check after another, as `plain_worker.py` tells. After a crash, a time-out or a trace that it cannot remove,
the next process takes over; from then on, another is started ahead. Most submissions need none, and it would take a core.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel, ChannelClosedError
from grader.sandbox.limits import last_stack
from grader.sandbox.limits.deadline import AwakeClock, Deadline, OutOfTimeError, is_asleep
from grader.sandbox.limits.limits import PAUSE_SECONDS, Limits
from grader.sandbox.limits.worker_process import GRACE, ProcessExit
from grader.sandbox.process.interpreter import bootstrap, python_command, scrubbed_environment
from grader.sandbox.process.plain_worker import WorkerStart
from grader.sandbox.process.resources import no_temporary_folder, start_refused, unnamed_file

if TYPE_CHECKING:
    from grader.toolkit.tensors import SharedTensor

_MODULE = "grader.sandbox.process.plain_worker"
_KEPT_ON_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "PATH", "TEMP", "TMP", "COMSPEC", "NUMBER_OF_PROCESSORS")
_START_SECONDS = 300.0  # a cold disk and a virus scanner can take a minute to import torch
_CLEAN_SECONDS = 5.0  # longer than that, and a fresh process is quicker


@dataclass
class PlainLauncher:
    """Hands out processes that have served before, then one that was started ahead, then a fresh one.

    `preload` are modules that workers import before they are used, `modules` texts of the course's own, and `packages` those
    that submissions may import besides numpy. In `folder` lie the modules that submissions may import, too.
    """

    limits: Limits
    preload: list[str] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    folder: str = ""

    def __post_init__(self) -> None:
        self._idle: list[_Host] = []  # have served, and may serve again
        self._spare: _Host | None = self._start()
        self._has_replaced = self._closed = False

    def spawn(
        self, limits: Limits | None = None, shared: "SharedTensor | None" = None, ahead: bool = True
    ) -> "PlainProcess":
        """Hand out a process for one check; if `ahead`, another may be started after it.

        Shared memory is found by its path. A process with a folder of its own serves only once.
        """
        limits = limits or self.limits
        if limits.scratch_bytes:
            host = self._start(limits)
            host.begin(limits)
            return PlainProcess(host, lambda _: host.close())
        return PlainProcess(self._take(limits), lambda host: self._take_back(host, ahead))

    def _take(self, limits: Limits) -> "_Host":
        while self._idle:
            host = self._idle.pop()
            if host.begin(limits):
                return host
            host.close()
            self._has_replaced = True
        host, self._spare = self._spare or self._start(), None
        host.begin(limits)
        return host

    def _take_back(self, host: "_Host", ahead: bool) -> None:
        """Keep a process for the next check; once one had to be replaced, have another ready."""
        if self._closed or host.is_spoilt:
            host.close()
            self._has_replaced = True
        else:
            host.finish()
            self._idle.append(host)
        if ahead and self._has_replaced and self._spare is None and not self._closed:
            self._spare = self._start()

    def _start(self, limits: Limits | None = None) -> "_Host":
        return _Host(WorkerStart(limits or self.limits, self.preload, self.modules, self.packages, self.folder))

    def renew(self) -> None:
        """Forget the processes that wait: they may be broken."""
        waiting = [*self._idle, *([self._spare] if self._spare else [])]
        self._idle, self._spare = [], None
        for host in waiting:
            host.close()

    def close(self) -> None:
        self._closed = True
        self.renew()


class _Host:
    """An unconfined process that serves checks."""

    def __init__(self, start: WorkerStart) -> None:
        self.is_spoilt = False
        self._has_served = False
        self._output = unnamed_file()
        self._scratch = _temporary_folder() if start.limits.scratch_bytes else None
        self.socket, theirs = socket.socketpair()
        start = msgspec.structs.replace(start, descriptor=theirs.fileno())
        try:
            with theirs:
                self._process = subprocess.Popen(
                    python_command(_MODULE),
                    stdin=subprocess.PIPE,
                    stdout=self._output,
                    stderr=self._output,
                    env=self._environment(),
                    cwd=self._scratch.name if self._scratch else os.path.abspath(os.sep),
                    **_platform_options(theirs),
                )
                self._hand_over(start, theirs)
        except OSError as error:
            raise start_refused("a worker process", error) from error
        self.pid = self._process.pid
        self.socket.settimeout(PAUSE_SECONDS)
        self.awake_seconds = AwakeClock(self.pid)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT_ON_WINDOWS if name in os.environ}
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), self._scratch.name) if self._scratch else {}
        return scrubbed_environment() | (kept if sys.platform == "win32" else {}) | temporary

    def _hand_over(self, start: WorkerStart, theirs: socket.socket) -> None:
        """Tell the child how to start. It inherits its socket, or, on Windows, gets a description of it.

        The pipe stays open: by its end, the child knows that this process has gone.
        """
        assert self._process.stdin is not None
        if sys.platform == "win32":
            start = msgspec.structs.replace(start, shared=theirs.share(self._process.pid))
        self._process.stdin.write(bootstrap(_MODULE) + msgspec.json.encode(start) + b"\n")
        self._process.stdin.flush()

    def begin(self, limits: Limits) -> bool:
        """Let the worker begin a check; False if it ends instead, or does not begin in time."""
        seconds = limits.kernel_cpu_seconds if sys.platform == "linux" else limits.check_cpu_seconds
        last = time.monotonic() + (_CLEAN_SECONDS if self._has_served else _START_SECONDS)
        self._has_served = True
        with contextlib.suppress(ChannelClosedError, OSError):
            Channel(self.socket, wire.FromWorker).send(wire.Begin(0, seconds))
            while time.monotonic() < last:
                with contextlib.suppress(TimeoutError):
                    return bool(self.socket.recv(1, socket.MSG_PEEK))  # its greeting, which is read later
        return False

    def finish(self) -> None:
        """Let the worker remove what the check has left."""
        with contextlib.suppress(ChannelClosedError, OSError):
            Channel(self.socket, wire.FromWorker).send(wire.Finish(0))

    def cpu_seconds(self) -> float | None:
        if sys.platform != "linux":
            return None
        try:
            return time.clock_gettime((~self.pid << 3) | 2)
        except OSError:
            return None

    def kill(self) -> None:
        self.is_spoilt = True
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def stop(self) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signal.SIGXCPU)
            self.wait_for_exit()
        self.kill()

    def last_lines(self, filename: str) -> list[int]:
        return last_stack.take(self._output.fileno(), filename)

    def is_asleep(self) -> bool | None:
        return is_asleep(self.pid)

    def wait_for_exit(self) -> int | None:
        self.is_spoilt = True
        deadline = Deadline(self)
        deadline.begin(GRACE)
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._process.wait(PAUSE_SECONDS)
            try:
                deadline()
            except OutOfTimeError:
                self.kill()
                return None

    def output(self, limit: int) -> bytes:
        self._output.seek(0)
        return self._output.read(limit)

    def close(self) -> None:
        self.socket.close()
        self.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self.awake_seconds.close()
        self._output.close()
        if self._scratch is not None:
            self._scratch.cleanup()


class PlainProcess:
    """A process while it serves one check: what it has computed before does not count."""

    def __init__(self, host: _Host, leave: Callable[[_Host], None]) -> None:
        self.pid, self.socket, self.awake_seconds = host.pid, host.socket, host.awake_seconds
        self._host, self._leave = host, leave
        self._computed_before = host.cpu_seconds() or 0.0
        self._closed = False

    def cpu_seconds(self) -> float | None:
        seconds = self._host.cpu_seconds()
        return None if seconds is None else seconds - self._computed_before

    def kill(self) -> None:
        self._host.kill()

    def stop(self) -> None:
        self._host.stop()

    def last_lines(self, filename: str) -> list[int]:
        return self._host.last_lines(filename)

    def is_asleep(self) -> bool | None:
        return self._host.is_asleep()

    def wait_for_exit(self) -> ProcessExit:
        seconds = self.cpu_seconds()
        return ProcessExit(self._host.wait_for_exit(), seconds)

    def output(self, limit: int) -> bytes:
        return self._host.output(limit)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._leave(self._host)


def _temporary_folder() -> "tempfile.TemporaryDirectory[str]":
    try:
        return tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    except OSError as error:
        raise no_temporary_folder(error) from None


def _platform_options(theirs: socket.socket) -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"pass_fds": [theirs.fileno()], "start_new_session": True}
