"""Is an answer right? Compared in this order: kind, length, shape, dtype, finiteness, values.

Not `torch.testing.assert_close`: its first call imports 0.36 s of torch, and its message speaks to library authors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from grader.toolkit import show
from grader.toolkit.lazy_torch import as_array, torch
from grader.toolkit.sequences import is_long_sequence, trajectory_of
from grader.toolkit.trajectory import Trajectory, label_at, more_rows
from grader.toolkit.verdicts import Row, ShortfallError, StudentError, WrongAnswerError

# Relative and absolute tolerance by dtype. In float64 update rules agree to a few ulps in any order of their operations, so 1e-9
# leaves six decades of room and still sees every mistake. Wider ones are named where they are used.
TOLERANCES = {"float64": (1e-9, 1e-12), "float32": (1e-4, 1e-6), "float16": (1e-2, 1e-4), "bfloat16": (3e-2, 1e-4)}
TOLERANCES |= {"complex128": TOLERANCES["float64"], "complex64": TOLERANCES["float32"]}
EXACT = (0.0, 0.0)

_Array: TypeAlias = "torch.Tensor | np.ndarray"  # has a shape and a dtype, which are compared, too

ENTRIES_TOGETHER = 4  # a tensor of as many is shown whole when it is wrong; of a larger one, as many wrong entries
ROWS_SHOWN = 12
ROOM = 32  # characters: longer expected values are not shown


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
    pairs = {label: (_plain(got), _plain(expected)) for label, (got, expected) in pairs.items()}
    if all(_is_right(got, expected, tolerance) for got, expected in pairs.values()):
        return
    rows: list[Row] = []
    problems: list[_Problem] = []
    trajectory = None
    for label, (got, expected) in pairs.items():
        compared, problem = _compare(label, got, expected, tolerance)
        if problem and trajectory is None and (label == path or is_long_sequence(expected)):
            trajectory = _trajectory(label, got, expected, tolerance, problem)
            steps = trajectory.rows(step_label) if trajectory is not None else []
            if trajectory is not None and problem.in_values:
                problem = _wrong(next(row.label for row in steps if row.differs), trajectory.loses_finiteness)
                compared = []
            compared = [*compared, *steps]
        rows += compared
        problems += [problem] if problem else []
    if problems:
        raise WrongAnswerError(problems[0].text, _few(rows), problems[0].in_rows, trajectory)


def _trajectory(
    label: str, got: Any, expected: Any, tolerance: tuple[float, float] | None, problem: _Problem
) -> Trajectory | None:
    """The steps of two values; None if they are no steps, or of different kinds or dtypes."""
    if not problem.in_values and (type(got) is not type(expected) or (_is_array(got) and got.dtype != expected.dtype)):
        return None

    def differing(one: Any, other: Any) -> Any:
        if _structure("", one, other) is not None:
            return None
        return _wrong_entries(_as_array(one), _as_array(other), tolerance)

    return trajectory_of(label, got, expected, differing)


def _plain(value: Any) -> Any:
    """A number of numpy as Python's, also in lists: that is how a submission's number comes from its worker."""
    if isinstance(value, tuple):  # numpy answers with named tuples, which travel as plain ones
        return tuple([_plain(item) for item in value])
    if type(value) is list:
        return [_plain(item) for item in value]
    return value.item() if isinstance(value, np.floating | np.integer | np.bool_ | np.complexfloating) else value


@dataclass(frozen=True)
class _Problem:
    """What is wrong in one sentence; `in_rows` says that the rows of the comparison show all of it.

    It is `in_values`, if kind, length, shape and dtype are right.
    """

    text: str
    in_rows: bool = False
    in_values: bool = False


def expect_trajectory(got: torch.Tensor, expected: torch.Tensor) -> None:
    """Compare weights after each step, (num_steps + 1, d), with a `path` as of `expect_close`."""
    _expect_close({"trajectory": (got, expected)}, (1e-8, 1e-10), "trajectory", "weights after step")


def _is_right(got: Any, expected: Any, tolerance: tuple[float, float] | None) -> bool:
    """Whether got equals expected. This comes first, because building rows takes time and most answers are right."""
    if isinstance(expected, list | tuple):
        same = type(got) is type(expected) and len(got) == len(expected)
        return same and all(_is_right(one, other, tolerance) for one, other in zip(got, expected, strict=True))
    if _structure("", got, expected) is not None:
        return False
    if isinstance(expected, str | None.__class__):
        return bool(got == expected)
    return not _wrong_entries(_as_array(got), _as_array(expected), tolerance).any()


def _few(rows: Sequence[Row]) -> tuple[Row, ...]:
    """At most ROWS_SHOWN rows: right rows are left out first."""
    if len(rows) <= ROWS_SHOWN:
        return tuple(rows)
    wrong = [row for row in rows if row.differs]
    more = len(wrong) - ROWS_SHOWN
    return (*wrong[:ROWS_SHOWN], *([more_rows(more)] if more > 0 else []))


def _compare(
    label: str, got: Any, expected: Any, tolerance: tuple[float, float] | None
) -> tuple[list[Row], _Problem | None]:
    """Return the rows of one comparison, and the first problem, or None."""
    if isinstance(expected, list | tuple):
        return _compare_sequences(label, got, expected, tolerance)
    different = _structure(label, got, expected)
    if different is not None:
        problem, row = different
        return [row], _Problem(problem)
    if isinstance(expected, str | None.__class__):
        return [_row(label, got, expected, got != expected)], None if got == expected else _wrong(label)
    wrong = _wrong_entries(_as_array(got), _as_array(expected), tolerance)
    rows = _rows(label, got, expected, wrong)
    if not wrong.any():
        return rows, None
    return rows, _wrong(label, not _is_finite(got) and _is_finite(expected))


def _wrong(label: str, not_finite: bool = False) -> _Problem:
    if not_finite:
        return _Problem(f"Not finite: {label}.", in_values=True)
    return _Problem(f"Wrong: {label}.", in_rows=True, in_values=True)


def _as_array(value: Any) -> _Array:
    """A number as an array, so that it keeps its precision and range."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    return np.asarray(value)


def _is_finite(value: Any) -> bool:
    array = _as_array(value)
    if _form(array, "dtype") not in TOLERANCES:
        return True
    return bool(torch.isfinite(array).all() if isinstance(array, torch.Tensor) else np.isfinite(array).all())


def _is_array(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, np.ndarray))  # quicker than a union


def _size(array: _Array) -> int:
    return array.numel() if isinstance(array, torch.Tensor) else array.size


def _compare_sequences(
    label: str, got: Any, expected: Sequence[Any], tolerance: tuple[float, float] | None
) -> tuple[list[Row], _Problem | None]:
    if type(got) is not type(expected) or len(got) != len(expected):
        row = _row(label, got, expected, True)
        if max(len(row.expected), len(row.got)) > ROOM or type(got) is not type(expected):
            row = Row(label, show.kind_of(expected), show.kind_of(got), True)
        return [row], _Problem(f"{label} should be {show.kind_of(expected)}; yours is {show.kind_of(got)}.")
    if len(expected) == 1:
        several = _is_array(expected[0]) and _size(expected[0]) > 1
        return _compare(label_at(label, [0]) if several else label, got[0], expected[0], tolerance)
    rows: list[Row] = []
    first = None
    for index, (one, other) in enumerate(zip(got, expected, strict=True)):
        more, problem = _compare(label_at(label, [index]), one, other, tolerance)
        rows += more
        first = first or problem
    return rows if first else _right(label, expected), first


def _right(label: str, expected: Any) -> list[Row]:
    """One row for the expected value, if it is short."""
    row = _row(label, expected, expected, False)
    return [row] if len(row.expected) <= ROOM else []


def _structure(label: str, got: Any, expected: Any) -> tuple[str, Row] | None:
    """Compare kind, shape and dtype: what is wrong in one sentence, and as a row."""
    kinds = [kind for kind in (torch.Tensor, np.ndarray) if isinstance(expected, kind)]
    if not kinds or not isinstance(got, kinds[0]):
        if type(got) is type(expected):
            return None
        wanted = _one(expected) or show.kind_of(expected)
        kind = show.kind_of(got)
        return f"{label} should be {wanted}; yours is {kind}.", Row(label, wanted, _one(got) or kind, True)
    for name in ("shape", "dtype"):
        wanted, found = _form(expected, name), _form(got, name)
        if wanted != found:
            message = f"{label} should have {name} {wanted}; yours has {found}."
            return message, Row(f"{name} of {label}", wanted, found, True)
    return None


def _one(value: Any) -> str:
    """What an array is called, without its shape and dtype; "" for another value."""
    return "a tensor" if isinstance(value, torch.Tensor) else "a numpy array" if isinstance(value, np.ndarray) else ""


def _form(array: _Array, name: str) -> str:
    return str(tuple(array.shape)) if name == "shape" else str(array.dtype).removeprefix("torch.")


def _wrong_entries(got: _Array, expected: _Array, tolerance: tuple[float, float] | None) -> Any:
    """A boolean array that marks the entries that differ. NaN equals nothing, infinity itself."""
    differs = got != expected if isinstance(expected, torch.Tensor) else np.asarray(got != expected)
    name = _form(expected, "dtype")
    if not differs.any() or name not in TOLERANCES:  # the same to the last digit is asked first, since it is quick
        return differs
    relative, absolute = tolerance or TOLERANCES[name]
    if isinstance(expected, torch.Tensor):
        return ~torch.isclose(torch.as_tensor(got), expected, rtol=relative, atol=absolute)
    with np.errstate(all="ignore"):
        wide = np.promote_types(expected.dtype, np.float32)  # differences of float16 soon overflow
        return ~np.isclose(np.asarray(got, wide), expected.astype(wide), rtol=relative, atol=absolute)


def _rows(label: str, got: Any, expected: Any, wrong: Any) -> list[Row]:
    """One row for a number, and for an array that is right; else a row for each entry, or for the first wrong ones."""
    if not _is_array(expected):
        return [_row(label, got, expected, bool(wrong.any()))]
    got, expected = _as_array(got), _as_array(expected)
    if _size(expected) == 1:
        return [_row(label, got.reshape(-1)[0].item(), expected.reshape(-1)[0].item(), bool(wrong.any()))]
    if not wrong.any():
        return _right(label, expected)
    whole = _size(expected) <= ENTRIES_TOGETHER
    places = np.argwhere(np.ones(tuple(expected.shape)) if whole else np.asarray(wrong))
    rows = []
    for place in places[:ENTRIES_TOGETHER].tolist():
        entry = tuple(place)
        rows.append(_row(label_at(label, place), got[entry].item(), expected[entry].item(), bool(wrong[entry])))
    more = len(places) - len(rows)
    return [*rows, more_rows(more)] if more else rows


def _row(label: str, got: Any, expected: Any, differs: bool) -> Row:
    for digits in (4, 8, 17):  # as few digits as show the difference
        texts = show.value(expected, digits), show.value(got, digits)
        if not differs or texts[0] != texts[1]:
            break
    return Row(label, *texts, differs)


def expect_unchanged(label: str, got: Any, before: Any, message: str = "was modified, but is only an input") -> None:
    """Raise WrongAnswerError with `label` and `message` if an argument has changed."""
    got, before = _plain(got), _plain(before)
    if _is_right(got, before, EXACT):
        return
    rows, problem = _compare(label, got, before, EXACT)
    if problem:
        raise WrongAnswerError(f"{label} {message}.", _few(rows))


def expect(condition: bool, message: str, rows: tuple[Row, ...] = ()) -> None:
    """Raise WrongAnswerError with `message` unless the condition holds."""
    if not condition:
        raise WrongAnswerError(message, rows)


def are_different(one: _Array | float, other: _Array | float) -> bool:
    """Whether two values of one shape differ by more than rounding could make them differ. NaN differs from nothing."""
    first, second = (np.asarray(as_array(value) if _is_array(value) else value) for value in (one, other))
    wide = np.result_type(first, second, np.float64)
    first, second = first.astype(wide), second.astype(wide)
    with np.errstate(all="ignore"):
        return bool((abs(first - second) > 1e-8 + 1e-6 * abs(second)).any())


def expect_different(one: _Array | float, other: _Array | float, message: str) -> None:
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
            raise StudentError(error.type, error.bases, message, error.lines) from None
        if argument and not _names(error.message, argument):
            message = f"The {name} should name `{argument}` in its message; it says: {error.message!r}"
            raise WrongAnswerError(message) from None
    else:
        raise WrongAnswerError(f"{wanted}, but nothing was raised.")


def expect_value_error(argument: str) -> AbstractContextManager[None]:
    """The block must raise a ValueError whose message names `argument`: "The ValueError should name `lr` in its message"."""
    return expect_raises(ValueError, argument)
