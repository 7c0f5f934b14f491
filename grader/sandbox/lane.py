"""A grading process's own line to the zygote: workers are ordered and their ends reported on it. Linux only."""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grader.sandbox import control
from grader.sandbox.channel import PAUSE_SECONDS
from grader.sandbox.limits import Limits
from grader.sandbox.process import GRACE_SECONDS, Ending
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:
    from grader.toolkit.shared import SharedTensor

START_SECONDS = 120.0  # a cold disk can take a minute to import torch
ANSWER_SECONDS = 30.0


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


class Lane:
    """Orders workers from a zygote over one socket. `log` gives the last words of a zygote that failed."""

    def __init__(self, sock: socket.socket, limits: Limits, log: Callable[[], str]) -> None:
        self.limits = limits
        self._socket = sock
        self._log = log
        self._ready: control.Ready | None = None
        self._trouble: GraderFaultError | None = None
        self._orders: dict[int, _Order] = {}
        self._spare: _Order | None = None
        self._jobs = 0

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
        words = self._log()
        self._trouble = GraderFaultError(f"the sandbox's zygote {what}" + (f": {words}" if words else ""))
        return self._trouble

    def close(self) -> None:
        """Hang up; the zygote then ends the workers of this lane."""
        self._socket.close()
        for order in self._orders.values():
            order.close()
        self._orders.clear()


class ZygoteProcess:
    """A confined worker, forked by a zygote, held by its pidfd."""

    def __init__(self, launcher: Lane, order: _Order) -> None:
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
