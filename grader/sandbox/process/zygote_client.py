"""The client of a zygote: orders workers from it and learns how each one ended. Linux only."""

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from grader.sandbox.limits import last_stack
from grader.sandbox.limits.deadline import AwakeClock, Deadline, OutOfTimeError, is_asleep
from grader.sandbox.limits.limits import PAUSE_SECONDS, Limits
from grader.sandbox.limits.worker_process import GRACE, ProcessExit
from grader.sandbox.process import zygote_messages
from grader.sandbox.process.resources import OutOfMemoryKills
from grader.toolkit.verdicts import GraderFaultError

if TYPE_CHECKING:
    from grader.toolkit.tensors import SharedTensor

if sys.platform != "linux":
    raise ImportError("a zygote forks workers on Linux only")

START_SECONDS = 300.0  # a cold disk can take a minute to import torch, a loaded machine several
ANSWER_SECONDS = 60.0
_NO_PROCESS = 1 << 22  # Linux numbers processes below this


@dataclass(frozen=True)
class ZygoteConnection:
    """The trusted end of a socket to a zygote; `last_words` are what the zygote said when it failed."""

    socket: socket.socket
    last_words: Callable[[], str]


@dataclass
class _Order:
    """An ordered worker: its channel and output, and, once it runs, its process."""

    job: int
    socket: socket.socket
    output: int
    pid: int | None = None
    pidfd: int | None = None
    awake_seconds: AwakeClock | None = None
    ended: zygote_messages.Ended | None = None
    handed_out: bool = False
    closed: bool = False

    def close(self) -> None:
        """Close its descriptors. A worker whose channel is closed ends by itself."""
        if self.closed:
            return
        self.closed = True
        self.socket.close()
        os.close(self.output)
        if self.pidfd is not None:
            os.close(self.pidfd)
        if self.awake_seconds is not None:
            self.awake_seconds.close()


class ZygoteClient:
    """Orders workers from a zygote. If the zygote is gone or silent, the next order calls `reconnect`, which starts another."""

    def __init__(
        self, connection: ZygoteConnection, limits: Limits, reconnect: Callable[[ZygoteConnection], ZygoteConnection]
    ) -> None:
        self.limits = limits
        self._connection = connection
        self._reconnect = reconnect
        self._ready: zygote_messages.Ready | None = None
        self._trouble: GraderFaultError | None = None  # with this zygote, which gets no more orders
        self._orders: dict[int, _Order] = {}  # by job, those of this zygote
        self._spare: _Order | None = None
        self._jobs = 0
        self._out_of_memory = OutOfMemoryKills()

    def wait_until_ready(self) -> zygote_messages.Ready:
        """Return once the zygote, or its replacement, has imported everything."""
        if self._trouble is not None:
            self._replace_zygote()
        while self._ready is None:
            self._receive(START_SECONDS)
        return self._ready

    def renew(self) -> None:
        """Use another zygote for the next order: the current one may be broken."""
        self._trouble = self._trouble or GraderFaultError("the sandbox's zygote was given up")

    def _replace_zygote(self) -> None:
        self._hang_up()
        try:
            self._connection = self._reconnect(self._connection)
        except OSError as error:
            raise GraderFaultError(f"the sandbox's zygote could not be started again: {error}") from None
        self._ready = self._trouble = None

    def branch(self) -> "ZygoteClient":
        """Another client of the same zygote, or of its replacement: each process that is forked from this one needs its own.

        Its first worker is ordered already. Raises GraderFaultError if no zygote can be started.
        """
        if self._trouble is None:
            try:
                return self._branch()
            except GraderFaultError:  # it has ended
                pass
        self._replace_zygote()
        return self._branch()

    def _branch(self) -> "ZygoteClient":
        try:
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        except OSError as error:
            raise GraderFaultError(f"the sandbox's zygote could not be asked for workers: {error}") from None
        with theirs:
            self._send(zygote_messages.Join(), (theirs.fileno(),))
        client = ZygoteClient(ZygoteConnection(mine, self._connection.last_words), self.limits, self._reconnect)
        client.order_ahead()
        return client

    def order_ahead(self) -> None:
        """Order the next worker in advance."""
        try:
            self._spare = self._spare or self._order(self.limits)
        except OSError as error:
            raise GraderFaultError(f"a worker could not be ordered: {error}") from None

    def spawn(
        self, limits: Limits | None = None, shared: "SharedTensor | None" = None, ahead: bool = True
    ) -> "ZygoteProcess":
        """Hand out a fresh worker; the next ordinary worker is forked and confined while this worker is busy."""
        self.wait_until_ready()
        try:
            order = self._take(limits, shared)
            if ahead and self._spare is None:
                self._spare = self._order(self.limits)
        except OSError as error:  # no descriptors or no memory are left
            raise GraderFaultError(f"a worker could not be ordered: {error}") from None
        while order.pid is None:
            self._receive(ANSWER_SECONDS)
        order.handed_out = True
        return ZygoteProcess(self, order)

    def _take(self, limits: Limits | None, shared: "SharedTensor | None") -> _Order:
        """The spare worker, unless this one needs its own limits or shared memory."""
        if limits is not None or shared is not None:
            return self._order(limits or self.limits, shared)
        order, self._spare = self._spare or self._order(self.limits), None
        return order

    def _order(self, limits: Limits, shared: "SharedTensor | None" = None) -> _Order:
        """Order a worker; its process id comes later."""
        self._jobs += 1
        mine, theirs = socket.socketpair()
        with theirs:
            order = _Order(self._jobs, mine, os.memfd_create("output"))
            self._orders[order.job] = order
            own = (limits.memory_bytes, limits.kernel_cpu_seconds, limits.output_bytes)
            request = zygote_messages.Spawn(order.job, *own, limits.open_files, limits.scratch_bytes)
            memory = () if shared is None else (shared.descriptor,)
            self._send(request, (theirs.fileno(), order.output, *memory))
        return order

    def forget(self, job: int) -> None:
        """Forget a worker that is no longer needed."""
        self._orders.pop(job, None)

    def ended(self, order: _Order) -> zygote_messages.Ended | None:
        """How a worker ended, if its zygote has said so. Waits no longer than a pause."""
        if order.ended is None:
            if order.job not in self._orders:
                raise self._trouble or GraderFaultError("the zygote of this worker is gone")
            if select.select([self._connection.socket], [], [], PAUSE_SECONDS)[0]:
                self._receive(ANSWER_SECONDS)
        return order.ended

    def exit_of(self, ended: zygote_messages.Ended) -> ProcessExit:
        """The kernel's report of an exit. Out-of-memory kills are read only after SIGKILL."""
        status = os.waitstatus_to_exitcode(ended.status)
        return ProcessExit(
            status, ended.cpu_seconds, status == -signal.SIGKILL and self._out_of_memory.any_new(), ended.over_memory
        )

    def _send(self, message: msgspec.Struct, descriptors: tuple[int, ...]) -> None:
        try:
            self._connection.socket.settimeout(ANSWER_SECONDS)
            zygote_messages.send(self._connection.socket, message, descriptors)
        except OSError:
            raise self._fault("ended") from None

    def _receive(self, seconds: float) -> None:
        """Take the next message and note what it says."""
        self._connection.socket.settimeout(seconds)
        try:
            message, descriptors = zygote_messages.receive(self._connection.socket, zygote_messages.FromZygote)
        except TimeoutError:
            raise self._fault(f"did not answer within {seconds:.0f} s") from None
        except OSError:
            message = None
        if message is None:
            raise self._fault("ended")
        if isinstance(message, zygote_messages.Ready):
            self._ready = message
        elif isinstance(message, zygote_messages.Started):
            order = self._orders[message.job]
            order.pid, order.pidfd = _pid_of(descriptors[0]), descriptors[0]
        elif message.job in self._orders:
            self._orders[message.job].ended = message

    def _fault(self, what: str) -> GraderFaultError:
        words = self._connection.last_words()
        self._trouble = GraderFaultError(f"the sandbox's zygote {what}" + (f": {words}" if words else ""))
        return self._trouble

    def _hang_up(self) -> None:
        """Leave this zygote, which then ends the workers of this client. The users of busy workers close them."""
        self._connection.socket.close()
        for order in self._orders.values():
            if not order.handed_out:
                order.close()
        self._orders.clear()
        self._spare = None

    def close(self) -> None:
        """Hang up and free every worker."""
        for order in self._orders.values():
            order.close()
        self._hang_up()


def _pid_of(pidfd: int) -> int:
    """The number of a process as we see it, from the kernel; if it has ended, a number that no process has."""
    with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:
        pid = next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
    return pid if pid > 0 else _NO_PROCESS


class ZygoteProcess:
    """A confined worker, forked by a zygote, held by its pidfd."""

    def __init__(self, launcher: ZygoteClient, order: _Order) -> None:
        assert order.pid is not None
        self.pid = order.pid
        self.socket = order.socket
        self.socket.settimeout(PAUSE_SECONDS)
        self._launcher = launcher
        self._order = order
        # The kernel's name for the CPU clock of another process (clock_getcpuclockid(3)).
        self._cpu_clock = (~order.pid << 3) | 2
        self.awake_seconds = order.awake_seconds = AwakeClock(order.pid)

    def cpu_seconds(self) -> float | None:
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:  # it is gone
            return None

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def stop(self) -> None:
        self._send(signal.SIGXCPU)
        deadline = Deadline(self)
        deadline.begin(GRACE)
        with contextlib.suppress(OutOfTimeError):
            while not self._has_ended(PAUSE_SECONDS):
                deadline()
        self.kill()

    def _send(self, number: signal.Signals) -> None:
        if self._order.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._order.pidfd, number)

    def last_lines(self, filename: str) -> list[int]:
        return last_stack.take(self._order.output, filename)

    def is_asleep(self) -> bool | None:
        return is_asleep(self.pid)

    def wait_for_exit(self) -> ProcessExit:
        deadline = Deadline(self)
        deadline.begin(GRACE)
        try:
            while (ended := self._launcher.ended(self._order)) is None:
                deadline()
        except OutOfTimeError:
            if self._has_ended():
                raise GraderFaultError("the sandbox's zygote did not say how a worker ended") from None
            self.kill()
            return ProcessExit(None)
        return self._launcher.exit_of(ended)

    def _has_ended(self, seconds: float = 0.0) -> bool:
        return self._order.pidfd is not None and bool(select.select([self._order.pidfd], [], [], seconds)[0])

    def output(self, limit: int) -> bytes:
        return os.pread(self._order.output, limit, 0)

    def close(self) -> None:
        """Kill it without waiting: its zygote reaps it."""
        if not self._order.closed:
            self.kill()
        self._order.close()
        self._launcher.forget(self._order.job)
