"""A worker process as the trusted side sees it, for every launcher."""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from grader.sandbox.limits.deadline import Budget
from grader.sandbox.limits.limits import Limits

if TYPE_CHECKING:
    from grader.toolkit.tensors import SharedTensor

GRACE = Budget(1.0, 1.0)  # for a process that hung up to end by itself


@dataclass(frozen=True)
class ProcessExit:
    """How a worker process ended: kernel facts only.

    `status` is negative for a signal, else the exit code; None if it would not end and had to be killed. `out_of_memory`:
    the kernel has killed processes for want of memory meanwhile. `over_memory`: this one, since it used more than its own limit.
    """

    status: int | None
    cpu_seconds: float | None = None
    out_of_memory: bool = False
    over_memory: bool = False


class WorkerProcess(Protocol):
    """One worker process, used for one check."""

    @property
    def socket(self) -> socket.socket:
        """The trusted end of its channel."""

    def cpu_seconds(self) -> float | None:
        """CPU time used so far, or None where the platform does not tell."""

    def awake_seconds(self) -> float | None:
        """How long it has computed, or waited for a processor, so far; None where the platform does not tell."""

    def is_asleep(self) -> bool | None:
        """Whether it waits for something else than a processor; None if for a disk; true where the platform does not tell."""

    def kill(self) -> None:
        """End it at once."""

    def stop(self) -> None:
        """End it because its time is up: it gets a moment to write where it is, and to end by itself."""

    def last_lines(self, filename: str) -> list[int]:
        """Lines of a file that it was in when its time was up, innermost first, as it says; called once, after its end."""

    def wait_for_exit(self) -> ProcessExit:
        """Wait a moment for its end, kill it if it does not come, and say how it was.

        Raises GraderFaultError if its exit is unknown.
        """

    def output(self, limit: int) -> bytes:
        """Return the first `limit` bytes that it wrote to stdout and stderr."""

    def close(self) -> None:
        """End it and free everything that belongs to it."""


class Launcher(Protocol):
    """Starts worker processes."""

    def spawn(
        self, limits: Limits | None = None, shared: "SharedTensor | None" = None, ahead: bool = True
    ) -> WorkerProcess:
        """Hand out a fresh one; an ordinary one was started ahead of demand, and the next is, if `ahead`.

        `limits` replace those of the launcher; `shared` is memory that the worker may map. Raises GraderFaultError when
        the machine cannot.
        """

    def renew(self) -> None:
        """Replace the zygote or spare worker for later starts: it may be broken."""

    def close(self) -> None:
        """End everything that was started."""
