"""Is an answer right? Each function raises a WrongAnswerError that shows the student where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from grader.toolkit.comparison import (
    AnyArray,
    Problem,
    compare,
    entries_of,
    few,
    is_array,
    is_right,
    plain,
    structure_difference,
    wrong_entries,
    wrong_value,
)
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.sequences import is_long_sequence, trajectory_of
from grader.toolkit.trajectory import Trajectory
from grader.toolkit.verdicts import Row, ShortfallError, StudentError, WrongAnswerError

EXACT = (0.0, 0.0)


def expect_close(
    pairs: Mapping[str, tuple[Any, Any]], tolerance: tuple[float, float] | None = None, path: str = ""
) -> None:
    """Raise WrongAnswerError unless got equals expected in every `{label: (got, expected)}`.

    Values are tensors, numpy arrays, numbers, strings, or lists and tuples of these; a number of numpy counts as Python's. Kind,
    shape and dtype must be the same. Everything is compared before anything is raised, so that the student sees which parts are
    right. `tolerance` is (relative, absolute); by default that of the expected dtype.

    `path` is the label of a value that has a number, or a row of numbers, for each step: the losses of a run, the points of a
    trajectory. Where it is wrong, the student sees the steps around the first wrong one, and a plot of all. Six or more
    floats in a row are shown in this way without it.
    """
    _expect_close(pairs, tolerance, path)


def _expect_close(
    pairs: Mapping[str, tuple[Any, Any]], tolerance: tuple[float, float] | None, path: str, step_label: str = ""
) -> None:
    pairs = {label: (plain(got), plain(expected)) for label, (got, expected) in pairs.items()}
    if all(is_right(got, expected, tolerance) for got, expected in pairs.values()):
        return
    rows: list[Row] = []
    problems: list[Problem] = []
    trajectory = None
    for label, (got, expected) in pairs.items():
        compared, problem = compare(label, got, expected, tolerance)
        if problem and trajectory is None and (label == path or is_long_sequence(expected)):
            trajectory = _trajectory(label, got, expected, tolerance, problem)
            steps = trajectory.rows(step_label) if trajectory is not None else []
            if trajectory is not None and problem.in_values:
                problem = wrong_value(next(row.label for row in steps if row.differs), trajectory.loses_finiteness)
                compared = []
            compared = [*compared, *steps]
        rows += compared
        problems += [problem] if problem else []
    if problems:
        raise WrongAnswerError(problems[0].text, few(rows), problems[0].in_rows, trajectory)


def _trajectory(
    label: str, got: Any, expected: Any, tolerance: tuple[float, float] | None, problem: Problem
) -> Trajectory | None:
    """The steps of two values; None if they are no steps, or of different kinds or dtypes."""
    if not problem.in_values and (type(got) is not type(expected) or (is_array(got) and got.dtype != expected.dtype)):
        return None

    def differing(one: Any, other: Any) -> Any:
        if structure_difference("", one, other) is not None:
            return None
        return wrong_entries(entries_of(one), entries_of(other), tolerance)

    return trajectory_of(label, got, expected, differing)


def expect_trajectory(got: torch.Tensor, expected: torch.Tensor) -> None:
    """Compare weights after each step, (num_steps + 1, d), with a `path` as of `expect_close`."""
    _expect_close({"trajectory": (got, expected)}, (1e-8, 1e-10), "trajectory", "weights after step")


def expect_unchanged(label: str, got: Any, before: Any, message: str = "was modified, but is only an input") -> None:
    """Raise WrongAnswerError with `label` and `message` if an argument has changed."""
    got, before = plain(got), plain(before)
    if is_right(got, before, EXACT):
        return
    rows, problem = compare(label, got, before, EXACT)
    if problem:
        raise WrongAnswerError(f"{label} {message}.", few(rows))


def expect(condition: bool, message: str, rows: tuple[Row, ...] = ()) -> None:
    """Raise WrongAnswerError with `message` unless the condition holds."""
    if not condition:
        raise WrongAnswerError(message, rows)


def are_different(one: AnyArray | float, other: AnyArray | float) -> bool:
    """Whether two values of one shape differ by more than rounding could make them differ. NaN differs from nothing."""
    first, second = (np.asarray(as_array(value) if is_array(value) else value) for value in (one, other))
    wide = np.result_type(first, second, np.float64)
    first, second = first.astype(wide), second.astype(wide)
    with np.errstate(all="ignore"):
        return bool((abs(first - second) > 1e-8 + 1e-6 * abs(second)).any())


def expect_different(one: AnyArray | float, other: AnyArray | float, message: str) -> None:
    """Raise WrongAnswerError with `message` unless two answers of one shape differ by more than rounding."""
    expect(are_different(one, other), message)


def expect_share(earned: float, message: str) -> None:
    """Let the check keep the fraction `earned` of its points: all of them pass it, less fails it with `message`.

    For a result that is measured once, such as an accuracy; not below `@given`, which would look for the worst example.
    """
    if not earned >= 1:
        raise ShortfallError(message, max(0.0, earned))


def _names(message: str, argument: str) -> bool:
    """Tell whether a message names an argument, as a word of its own: "must be smaller" names neither mu nor L."""
    return re.search(rf"(?<![^\W_]){re.escape(argument)}s?(?![^\W_])", message, re.IGNORECASE) is not None


@contextmanager
def expect_raises(kind: type[Exception], argument: str = "") -> Iterator[None]:
    """The block must raise an exception of this kind, such as numpy's LinAlgError, whose message names `argument`."""
    name = kind.__name__
    a_kind = f"{'An' if name[0] in 'AEIOU' else 'A'} {name}"
    wanted = (
        f"{a_kind} that names `{argument}` should be raised here" if argument else f"{a_kind} should be raised here"
    )
    try:
        yield
    except StudentError as error:
        if name not in (error.type, *error.bases):
            message = f"{error.message}\n{wanted}.".strip()
            raise StudentError(error.type, error.bases, message, error.lines, error.values) from None
        if argument and not _names(error.message, argument):
            message = f"The {name} should name `{argument}` in its message; it says: {error.message!r}"
            raise WrongAnswerError(message) from None
    else:
        raise WrongAnswerError(f"{wanted}, but nothing was raised.")


def expect_value_error(argument: str) -> AbstractContextManager[None]:
    """The block must raise a ValueError whose message names `argument`: "The ValueError should name `lr` in its message"."""
    return expect_raises(ValueError, argument)
