"""Turns the exception of a check into its result; `grader/sandbox/limits/causes.py` decides whose fault it is."""

import errno
import inspect
import re
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis.errors import Flaky

from grader.grading.advice import advice
from grader.grading.assembly import lines_of
from grader.grading.counterexample import MESSAGE_LIMIT, counterexample
from grader.grading.report import Blocker, Counterexample, Disturbance, Line, Status
from grader.sandbox.limits.causes import Cause, cause_of_error
from grader.sandbox.limits.limits import OWN
from grader.section import CHECKS
from grader.toolkit.text import VALUES_LIMIT, clean, one_line
from grader.toolkit.travelling import PREFIX, find_travelling
from grader.toolkit.verdicts import (
    DataError,
    EndedError,
    GraderFaultError,
    ShortfallError,
    StudentError,
    WrongAnswerError,
    WrongKindError,
)

_LACKS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EAGAIN)
TOO_LARGE = f"The answer is too large to judge: judging it needs more than {OWN.memory_bytes >> 30} GiB."


@dataclass(frozen=True)
class Verdict:
    """How a check ended, and why. `earned` is the fraction of its points that a failed check still earns."""

    status: Status
    message: str = ""
    counterexample: Counterexample | None = None
    lines: tuple[Line, ...] = ()
    earned: float = 0.0
    blocked_by: Blocker | None = None
    raised: str = ""
    in_table: bool = False
    repeats_notice: bool = False
    raised_in_check: str = ""
    again: bool = False  # the check is to be tried once more, in a fresh process
    values: str = ""  # of the variables in the expression that raised an exception
    exhausted: bool = False  # the process has no memory left to judge other checks with


class DecidedError(BaseException):
    """The verdict on a check is known, and nothing of it is run."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class DisturbedError(WrongAnswerError):
    """Some call of an exercise has disturbed an input."""

    def __init__(self, disturbance: Disturbance) -> None:
        super().__init__(disturbance.message)
        self.disturbance = disturbance


def judge(error: BaseException | None, student: Any, in_notebook: bool = False) -> Verdict:
    """Return the verdict on a check that raised `error`, or nothing. `student` may be None if no call was ever possible."""
    if error is None:
        return Verdict(Status.PASSED)
    if isinstance(error, DecidedError):
        return error.verdict
    if isinstance(error, EndedError):
        return Verdict(
            Status(error.status),
            clean(error.message, MESSAGE_LIMIT),
            counterexample(student, error),
            lines_of(error.lines, in_notebook),
        )
    cause = _cause(error, student)
    if isinstance(error, Flaky) and cause.status == Status.FAILED.value:
        return _unstable(error, student)
    if isinstance(error, StudentError):
        return _raised(error, student, in_notebook)
    if isinstance(error, DisturbedError):
        return Verdict(Status.FAILED, error.message, error.disturbance.counterexample)
    if isinstance(error, ShortfallError):  # no example shows it: it is the outcome of the whole
        return Verdict(Status.FAILED, clean(error.message, MESSAGE_LIMIT), earned=error.earned)
    if isinstance(error, WrongAnswerError):
        message = clean(error.message, MESSAGE_LIMIT)
        in_table = error.in_rows and any(row.differs for row in error.rows)
        raised = (
            f"returned {error.got}, but its annotation promises {error.expected}."
            if isinstance(error, WrongKindError)
            else ""
        )
        found = counterexample(student, error, error.rows)
        return Verdict(Status.FAILED, message, found, in_table=in_table, raised_in_check=_in_program(student, raised))
    if _is_assertion(error) and student is not None and student.answered:
        return Verdict(Status.FAILED, _asserted(error), counterexample(student, error))
    if cause is Cause.TOO_LARGE:
        return Verdict(Status.FAILED, TOO_LARGE, exhausted=True)
    if cause is Cause.STUMBLED:
        message = f"The answer could not be judged ({type(error).__name__}: {one_line(str(error))})."
        return Verdict(Status.FAILED, message, counterexample(student, error), raised_in_check=_own_trouble(error))
    if isinstance(error, GraderFaultError | DataError):
        return Verdict(Status(cause.status), clean(str(error), MESSAGE_LIMIT), again=cause.again)
    message = _own_trouble(error)
    raised = message if _place_in_checks(error) and not _is_of_machine(error) else ""
    return Verdict(Status(cause.status), message, raised_in_check=raised, again=cause.again)


def _is_of_machine(error: BaseException) -> bool:
    """Whether the machine lacks something, such as room on a disk: a check that meets this has no error."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _LACKS)


def _is_assertion(error: BaseException) -> bool:
    """Whether a check says of itself that an answer is wrong: by `assert`, by numpy's tests or by pytest."""
    return isinstance(error, AssertionError | pytest.fail.Exception)


def _asserted(error: BaseException) -> str:
    """The text of an assertion, or its line in the check."""
    text = str(error).replace("Use -v to get more diff", "").strip()  # of pytest: a student cannot type it
    absent = re.match(r"DID NOT RAISE <class '(\w+)'>|DID NOT RAISE (\w+)", text)
    if absent:
        kind = absent[1] or absent[2]
        return f"{'An' if kind[0] in 'AEIOU' else 'A'} {kind} should be raised here, but nothing was raised."
    frames = traceback.extract_tb(error.__traceback__)
    return clean(text or f"This does not hold: {frames[-1].line if frames else 'an assertion'}", MESSAGE_LIMIT)


def _place_in_checks(error: BaseException) -> str:
    """The innermost line of a course's rooms that an exception passed through, " (test_section1.py, line 12)"."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame for frame in frames if Path(frame.filename).parent.parent.name == CHECKS]
    return f" ({Path(mine[-1].filename).name}, line {mine[-1].lineno})" if mine else ""


def _in_program(student: Any, what: str) -> str:
    """Of a program of the course that the last call ran, and of which `what` is true: that, with file and line. Else ""."""
    last = getattr(getattr(student, "transcript", None), "last", None)
    if not what or last is None or not last.program.startswith(PREFIX):
        return ""
    code = inspect.unwrap(find_travelling(last.program, last.name)).__code__
    return f"{Path(code.co_filename).name}, line {code.co_firstlineno}: {last.name} {what}"


def _cause(error: BaseException, student: Any) -> Cause:
    answered = student is not None and student.answered
    if not isinstance(error, Flaky):
        return cause_of_error(error, answered)
    causes = [cause_of_error(inner, answered) for inner in getattr(error, "exceptions", ())]
    return next((cause for cause in causes if cause.again), Cause.UNSTABLE)


def _raised(error: StudentError, student: Any, in_notebook: bool) -> Verdict:
    call = student.last_call() if student is not None else None
    raised = one_line(error.type, 80)
    text = f"{call[0] if call else 'Your file'} raised {raised}: {clean(error.message, MESSAGE_LIMIT)}".rstrip(": ")
    text = "\n".join(filter(None, (text, advice(error))))
    lines = lines_of(error.lines, in_notebook)
    own = "" if lines else _in_program(student, f"raised {raised}: {one_line(error.message)}")
    found, values = counterexample(student, error), one_line(error.values, VALUES_LIMIT)
    return Verdict(Status.FAILED, text, found, lines, raised=raised, raised_in_check=own, values=values)


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
    """Name the innermost line of the file of checks, for its author, or else of the grader, for its maintainers."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {one_line(str(error))}{_place_in_checks(error) or place}"
