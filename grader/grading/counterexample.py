"""The counterexample of a Report: the inputs of a call by name, and expected beside received values."""

import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from grader.course_modules import shared_module
from grader.grading.report import Comparison, Counterexample, Disturbance, Input
from grader.sandbox.calls.transcript import Exchange
from grader.toolkit import show
from grader.toolkit.text import clean
from grader.toolkit.verdicts import Row, WrongAnswerError

ROOM = 150  # characters of an argument: two lines of a report
MESSAGE_LIMIT = 2000
LARGE = 1 << 16  # bytes of arguments: no example to read


def counterexample(student: Any, error: BaseException, rows: Sequence[Row] = ()) -> Counterexample | None:
    """The last call's arguments beside the rows of the comparison; None if they show nothing."""
    try:
        call = student.last_call() if student is not None else None
    except Exception:  # a call that cannot be read back is not worth losing a verdict
        call = None
    if call is None and not rows:
        return None
    if isinstance(error, WrongAnswerError) and not rows and _is_large(student):
        return None  # a step of a long run shows nothing by itself
    name, arguments = call or ("", {})
    trajectory = error.trajectory if isinstance(error, WrongAnswerError) else None
    return Counterexample(name, _inputs(_last(student), arguments), _compared(rows), _is_searched(error), trajectory)


def disturbance_of(student: Any) -> Disturbance | None:
    """The first input that a call of the check has disturbed, with that call."""
    found = getattr(student, "disturbance", None)
    if found is None:
        return None
    example = None
    with suppress(Exception):  # a call that cannot be read back is not worth losing a verdict
        name, arguments = student.call_of(student.disturbed)
        example = Counterexample(name, _inputs(student.disturbed, arguments), _compared(found.rows))
    return Disturbance(clean(found.message, MESSAGE_LIMIT), example)


def _compared(rows: Sequence[Row]) -> list[Comparison]:
    return [Comparison(row.label, row.expected, row.got, row.differs) for row in rows]


def _last(student: Any) -> Any:
    return getattr(getattr(student, "transcript", None), "last", None)


def _inputs(exchange: Any, arguments: dict[str, Any]) -> list[Input]:
    """The arguments as the student's function gets them, each as short as it can be told."""
    last = exchange if isinstance(exchange, Exchange) else None
    if last is not None and last.program:
        words = shared_module(last.program, "arguments")
        in_words = getattr(words, "in_words", None)  # a course may have none
        arguments = in_words(last.name, arguments) if in_words else arguments
    return [Input(name, _shown(value)) for name, value in arguments.items()]


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, show.Said) else show.brief(value, ROOM)


def _is_large(student: Any) -> bool:
    last = _last(student)
    return last is not None and (last.shared is not None or len(last.blob) > LARGE)


def _is_searched(error: BaseException) -> bool:
    """Whether hypothesis found the input of an error, and so the smallest that it could."""
    if not isinstance(error, Exception):  # which ends its search
        return False
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__", "").startswith("hypothesis.") for frame, _ in frames)
