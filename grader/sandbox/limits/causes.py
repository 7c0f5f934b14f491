"""Why a check ends: the table of all causes, each with its status and whether the check is retried.

`docs/reference.md` shows the table. The kernel's facts decide about a retry, and whether the submission had answered: never a
text, which a submission may have written.
"""

import signal
import sys
from enum import Enum

from grader.sandbox.limits.deadline import LOOP
from grader.sandbox.limits.limits import MIB, Limits
from grader.sandbox.limits.worker_process import ProcessExit
from grader.toolkit.verdicts import DataError, EndedError, GraderFaultError, StudentError, WrongAnswerError


class Cause(Enum):
    """Why a check ended: (what happened, its status, whether it is retried once in a fresh process)."""

    PASSED = ("nothing was raised", "passed", False)
    # What the submission answered.
    WRONG = ("an answer is wrong", "failed", False)
    RAISED = ("the submission raised an exception", "failed", False)
    UNSTABLE = ("the same input gave different results", "failed", False)
    STUMBLED = ("the check stumbled after the submission had answered", "failed", False)
    # What its answer made of the process that judges it.
    TOO_LARGE = ("judging an answer needed more memory than the judging process may use", "failed", False)
    TOO_LONG = ("judging an answer used up the computing time of the judging process", "timed_out", False)
    BROKEN = ("judging an answer ended the judging process by a signal", "failed", False)
    # What its worker did instead of answering.
    OUT_OF_TIME = (
        "a request used up its computing time or all of the check's, or slept through its wall time",
        "timed_out",
        False,
    )
    CPU_LIMIT = ("the kernel killed the worker at its limit of computing time", "timed_out", False)
    OVER_MEMORY = ("the kernel killed the worker at its own limit of memory", "crashed", False)
    GARBLED = ("the worker sent bytes that are not a frame, or not a response to the request", "crashed", False)
    HUNG_UP = ("the worker closed its channel but kept running", "crashed", False)
    LEFT = ("the worker ended with an exit code", "crashed", False)
    FAULTED = ("the worker ended by a signal that its own code caused, such as SIGSEGV", "crashed", False)
    KILLED = ("the worker ended by another signal, such as SIGTERM", "crashed", False)
    # The submission never causes these.
    REMOVED = (
        "the worker was killed from outside, as a submission behind the filter cannot kill itself",
        "grader_error",
        True,
    )
    NO_MEMORY = ("the kernel ran out of memory, and killed the worker within its limit", "grader_error", True)
    NO_WORKER = ("no worker greets us, the zygote is gone, or a request of ours cannot be sent", "grader_error", True)
    BAD_DATA = ("the data of the course are missing or damaged", "grader_error", True)
    OUTSIDE = ("the judging process was killed from outside, or the machine starved it", "grader_error", True)
    ENDLESS = (
        "the check, or what it calls of the course, used up its computing time before the submission had answered",
        "grader_error",
        False,
    )
    UNKNOWN = ("anything else, before the submission had answered", "grader_error", True)

    @property
    def what(self) -> str:
        """The event, in words."""
        return self.value[0]

    @property
    def status(self) -> str:
        """The status of a check that ended so."""
        return self.value[1]

    @property
    def again(self) -> bool:
        """Whether the check is retried once, in a fresh process and on a fresh worker."""
        return self.value[2]


class OutOfMemoryError(BaseException):
    """This process has no more memory. Not an `Exception`: hypothesis must not search for a smaller example now."""


_HINTS: dict[int, str] = {  # of signals that a program's own code causes
    signal.SIGILL: "a library gave up.",
    signal.SIGABRT: "a library gave up.",
    signal.SIGFPE: "a library gave up.",
    signal.SIGSEGV: "it touched memory that is not its own; endless recursion inside a library does that too.",
}
if sys.platform != "win32":
    _HINTS[signal.SIGTRAP] = "a library gave up."
    _HINTS[signal.SIGSYS] = "it made a system call that the grader never allows."
_SIGKILL = 9
_KILLED = "it was killed, most often for using too much memory."
_SENT = "its own code probably sent this signal."
_HINTS_OF_SENT: dict[int, str] = {_SIGKILL: _KILLED}  # of signals that another process may also have sent
if sys.platform != "win32":
    _HINTS_OF_SENT[signal.SIGBUS] = (
        "it used a part of a mapped file that is missing, or that the disk had no space for."
    )


def cause_of_exit(ending: ProcessExit, limits: Limits, filtered: bool = False) -> Cause:
    """The cause of a worker's exit after its greeting; `filtered` if seccomp kept it from sending SIGKILL."""
    if ending.status is None:
        return Cause.HUNG_UP
    if ending.status >= 0:
        return Cause.LEFT
    number = -ending.status
    is_over_time = number == getattr(signal, "SIGXCPU", None)
    if (number == _SIGKILL or is_over_time) and _cpu_used_up(ending, limits, is_over_time):
        return Cause.CPU_LIMIT
    if number == _SIGKILL and ending.over_memory:
        return Cause.OVER_MEMORY
    if number == _SIGKILL and ending.out_of_memory:
        return Cause.NO_MEMORY
    if number == _SIGKILL and filtered:
        return Cause.REMOVED
    return Cause.FAULTED if number in _HINTS else Cause.KILLED


def _cpu_used_up(ending: ProcessExit, limits: Limits, unless_told: bool) -> bool:
    """By what the platform tells of a process; macOS tells nothing."""
    return unless_told if ending.cpu_seconds is None else ending.cpu_seconds >= limits.check_cpu_seconds


def exit_error(what: str, ending: ProcessExit, limits: Limits, filtered: bool = False) -> EndedError | GraderFaultError:
    """The verdict on `what`, a function or file whose worker ended instead of answering."""
    cause = cause_of_exit(ending, limits, filtered)
    if cause is Cause.CPU_LIMIT:
        seconds = f"{limits.check_cpu_seconds:g} seconds of computing time in all"
        return EndedError(cause.status, f"{what} did not finish within {seconds}. {LOOP}")
    if cause is Cause.OVER_MEMORY:
        return EndedError(
            cause.status, f"{what} used more than {limits.memory_bytes // MIB} MiB of memory, so the grader stopped it."
        )
    if cause is Cause.NO_MEMORY:
        used = f"{what} may use {limits.memory_bytes // MIB} MiB, and the machine did not have them"
        return GraderFaultError(f"the machine ran out of memory: {used}.")
    if cause is Cause.REMOVED:
        return GraderFaultError(f"another program killed the process of {what} (SIGKILL).")
    if cause is Cause.HUNG_UP:
        return EndedError(cause.status, f"{what} closed the connection to the grader instead of returning.")
    if cause is Cause.LEFT:
        how = f"ended its whole process instead of returning (exit code {ending.status})."
        return EndedError(cause.status, f"{what} {how}")
    number = -(ending.status or 0)
    hint = _HINTS.get(number) or _HINTS_OF_SENT.get(number, _SENT)
    return EndedError(cause.status, f"{what} crashed its process ({signal_name(number)}): {hint}")


def cause_of_grading_exit(ending: ProcessExit, heard: bool, cpu_seconds: float) -> Cause:
    """Why a grading process ended silently. `heard`: the submission's code has run in this check.

    Its limit was `cpu_seconds` in all.
    """
    if ending.out_of_memory:
        return Cause.NO_MEMORY
    limit = getattr(signal, "SIGXCPU", None)
    used_up = ending.cpu_seconds is not None and ending.cpu_seconds > cpu_seconds - 1
    if ending.status == -_SIGKILL and not used_up:
        return Cause.OUTSIDE
    if used_up or -(ending.status or 0) == limit:
        return Cause.TOO_LONG if heard else Cause.ENDLESS
    return Cause.BROKEN if heard else Cause.UNKNOWN


def signal_name(number: int) -> str:
    """SIGTERM and the like."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def cause_of_error(error: BaseException, answered: bool) -> Cause:
    """The cause behind an exception of a check other than `EndedError`; `answered`: the submission has responded.

    After the first answer, an exception in trusted code counts against the submission; before, it is a grader error.
    """
    if isinstance(error, StudentError):
        return Cause.RAISED
    if isinstance(error, GraderFaultError | DataError):
        return Cause.NO_WORKER if isinstance(error, GraderFaultError) else Cause.BAD_DATA
    if isinstance(error, WrongAnswerError):
        return Cause.WRONG
    if not answered or not isinstance(error, Exception | OutOfMemoryError):
        return Cause.UNKNOWN
    return Cause.TOO_LARGE if is_out_of_memory(error) else Cause.STUMBLED


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this process ran out of memory. torch has its own message. Only the wording of a verdict depends on this."""
    if isinstance(error, RuntimeError):
        return "can't allocate memory" in str(error)
    return isinstance(error, MemoryError | OutOfMemoryError)
