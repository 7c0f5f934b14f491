"""From what a check raised to what its result says; whose fault it is, `grader/sandbox/process/causes.py` knows."""

import traceback
from dataclasses import dataclass
from typing import Any

from hypothesis.errors import Flaky

from grader.grading.counterexample import MESSAGE_LIMIT, counterexample
from grader.grading.report import UNREAD, Counterexample, Disturbance, Line, Status
from grader.sandbox.process.causes import Cause, cause_of_error
from grader.sandbox.process.limits import OWN
from grader.toolkit.text import clean, one_line
from grader.toolkit.verdicts import (
    DataError,
    EndedError,
    GraderFaultError,
    ShortfallError,
    SourceLine,
    StudentError,
    WrongAnswerError,
)

TOO_LARGE = f"The answer is too large to judge: judging it needs more than {OWN.memory_bytes >> 30} GiB."


@dataclass(frozen=True)
class Verdict:
    """How a check ended, and why. `earned` is the fraction of its points that a failed one is worth all the same."""

    status: Status
    message: str = ""
    counterexample: Counterexample | None = None
    lines: tuple[Line, ...] = ()
    earned: float = 0.0
    again: bool = False  # the check is to be tried once more, in a fresh process
    exhausted: bool = False  # the process has no memory left to judge other checks with


class DisturbedError(WrongAnswerError):
    """Some call of an exercise has disturbed an input."""

    def __init__(self, disturbance: Disturbance) -> None:
        super().__init__(disturbance.message)
        self.disturbance = disturbance


def judge(error: BaseException | None, student: Any) -> Verdict:
    """Return the verdict on a check that raised `error`, or nothing. `student` may be None if no call was ever possible."""
    if error is None:
        return Verdict(Status.PASSED)
    if isinstance(error, EndedError):
        return Verdict(
            Status(error.status),
            clean(error.message, MESSAGE_LIMIT),
            counterexample(student, error),
            _lines(error.lines),
        )
    cause = _cause(error, student)
    if isinstance(error, Flaky) and cause.status == Status.FAILED.value:
        return _unstable(error, student)
    if isinstance(error, StudentError):
        return _raised(error, student)
    if isinstance(error, DisturbedError):
        return Verdict(Status.FAILED, error.message, error.disturbance.counterexample)
    if isinstance(error, ShortfallError):  # no example shows it: it is the outcome of the whole
        return Verdict(Status.FAILED, clean(error.message, MESSAGE_LIMIT), earned=error.earned)
    if isinstance(error, WrongAnswerError):
        message = clean(error.message, MESSAGE_LIMIT)
        return Verdict(Status.FAILED, message, counterexample(student, error, error.rows))
    if cause is Cause.TOO_LARGE:
        return Verdict(Status.FAILED, TOO_LARGE, exhausted=True)
    if cause is Cause.STUMBLED:
        message = f"The answer could not be judged ({type(error).__name__}: {one_line(str(error))})."
        return Verdict(Status.FAILED, message, counterexample(student, error))
    known = isinstance(error, GraderFaultError | DataError)
    message = clean(str(error), MESSAGE_LIMIT) if known else _own_trouble(error)
    return Verdict(Status(cause.status), message, again=cause.again)


def _cause(error: BaseException, student: Any) -> Cause:
    answered = student is not None and student.answered
    if not isinstance(error, Flaky):
        return cause_of_error(error, answered)
    causes = [cause_of_error(inner, answered) for inner in getattr(error, "exceptions", ())]
    return next((cause for cause in causes if cause.again), Cause.UNSTABLE)


def _raised(error: StudentError, student: Any) -> Verdict:
    call = student.last_call() if student is not None else None
    who = f"{call[0]} raised " if call else UNREAD
    text = f"{who}{one_line(error.type, 80)}: {clean(error.message, MESSAGE_LIMIT)}".rstrip(": ")
    if error.type == "BdbQuit":
        text += ". A breakpoint() stops only with --in-process; without it, take it out."
    return Verdict(Status.FAILED, text, counterexample(student, error), _lines(error.lines))


def _unstable(error: BaseException, student: Any) -> Verdict:
    """Hypothesis saw one input fail, and then not fail the same way."""
    message = (
        "The same input gives different results from one call to the next: they depend on random numbers that the input does "
        "not fix, or on something that is kept between calls."
    )
    inner = [cause for cause in getattr(error, "exceptions", ()) if isinstance(cause, WrongAnswerError)]
    rows = inner[0].rows if inner else ()
    return Verdict(Status.FAILED, message, counterexample(student, error, rows))


def _own_trouble(error: BaseException) -> str:
    """Name the innermost line of the grader that failed, for whoever mends it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {one_line(str(error))}{place}"


def _lines(lines: tuple[SourceLine, ...]) -> tuple[Line, ...]:
    return tuple(Line(line.line, one_line(line.function, 80), one_line(line.text)) for line in lines)
