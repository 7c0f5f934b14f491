"""Where does an answer differ? Compared in this order: kind, length, shape, dtype, finiteness, values.

Not `torch.testing.assert_close`: its first call imports 0.36 s of torch, and its message speaks to library authors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from grader.toolkit import show
from grader.toolkit.lazy_torch import torch
from grader.toolkit.trajectory import label_at, more_rows
from grader.toolkit.verdicts import Row

# Relative and absolute tolerance by dtype. In float64 update rules agree to a few ulps in any order of their operations, so 1e-9
# leaves six decades of room and still sees every mistake. Wider ones are named where they are used.
TOLERANCES = {"float64": (1e-9, 1e-12), "float32": (1e-4, 1e-6), "float16": (1e-2, 1e-4), "bfloat16": (3e-2, 1e-4)}
TOLERANCES |= {"complex128": TOLERANCES["float64"], "complex64": TOLERANCES["float32"]}

AnyArray: TypeAlias = "torch.Tensor | np.ndarray"  # has a shape and a dtype, which are compared, too

ENTRIES_TOGETHER = 4  # a tensor of as many is shown whole when it is wrong; of a larger one, as many wrong entries
ROWS_SHOWN = 12
ROOM = 32  # characters: longer expected values are not shown


@dataclass(frozen=True)
class Problem:
    """What is wrong in one sentence; `in_rows` says that the rows of the comparison show all of it.

    It is `in_values`, if kind, length, shape and dtype are right.
    """

    text: str
    in_rows: bool = False
    in_values: bool = False


def plain(value: Any) -> Any:
    """A number of numpy as Python's, also in lists: that is how a submission's number comes from its worker."""
    if isinstance(value, tuple):  # numpy answers with named tuples, which travel as plain ones
        return tuple([plain(item) for item in value])
    if type(value) is list:
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.floating | np.integer | np.bool_ | np.complexfloating) else value


def is_right(got: Any, expected: Any, tolerance: tuple[float, float] | None) -> bool:
    """Whether got equals expected. This comes first, because building rows takes time and most answers are right."""
    if isinstance(expected, list | tuple):
        same = type(got) is type(expected) and len(got) == len(expected)
        return same and all(is_right(one, other, tolerance) for one, other in zip(got, expected, strict=True))
    if structure_difference("", got, expected) is not None:
        return False
    if isinstance(expected, str | None.__class__):
        return bool(got == expected)
    return not wrong_entries(entries_of(got), entries_of(expected), tolerance).any()


def few(rows: Sequence[Row]) -> tuple[Row, ...]:
    """At most ROWS_SHOWN rows: right rows are left out first."""
    if len(rows) <= ROWS_SHOWN:
        return tuple(rows)
    wrong = [row for row in rows if row.differs]
    more = len(wrong) - ROWS_SHOWN
    return (*wrong[:ROWS_SHOWN], *([more_rows(more)] if more > 0 else []))


def compare(
    label: str, got: Any, expected: Any, tolerance: tuple[float, float] | None
) -> tuple[list[Row], Problem | None]:
    """Return the rows of one comparison, and the first problem, or None."""
    if isinstance(expected, list | tuple):
        return _compare_sequences(label, got, expected, tolerance)
    different = structure_difference(label, got, expected)
    if different is not None:
        problem, row = different
        return [row], Problem(problem)
    if isinstance(expected, str | None.__class__):
        return [_row(label, got, expected, got != expected)], None if got == expected else wrong_value(label)
    wrong = wrong_entries(entries_of(got), entries_of(expected), tolerance)
    rows = _rows(label, got, expected, wrong)
    if not wrong.any():
        return rows, None
    return rows, wrong_value(label, not _is_finite(got) and _is_finite(expected))


def wrong_value(label: str, not_finite: bool = False) -> Problem:
    if not_finite:
        return Problem(f"Not finite: {label}.", in_values=True)
    return Problem(f"Wrong: {label}.", in_rows=True, in_values=True)


def _compare_sequences(
    label: str, got: Any, expected: Sequence[Any], tolerance: tuple[float, float] | None
) -> tuple[list[Row], Problem | None]:
    if type(got) is not type(expected) or len(got) != len(expected):
        row = _row(label, got, expected, True)
        if max(len(row.expected), len(row.got)) > ROOM or type(got) is not type(expected):
            row = Row(label, show.kind_of(expected), show.kind_of(got), True)
        return [row], Problem(f"{label} should be {show.kind_of(expected)}; yours is {show.kind_of(got)}.")
    if len(expected) == 1:
        several = is_array(expected[0]) and _size(expected[0]) > 1
        return compare(label_at(label, [0]) if several else label, got[0], expected[0], tolerance)
    rows: list[Row] = []
    first = None
    for index, (one, other) in enumerate(zip(got, expected, strict=True)):
        more, problem = compare(label_at(label, [index]), one, other, tolerance)
        rows += more
        first = first or problem
    return rows if first else _right(label, expected), first


def _right(label: str, expected: Any) -> list[Row]:
    """One row for the expected value, if it is short."""
    row = _row(label, expected, expected, False)
    return [row] if len(row.expected) <= ROOM else []


def structure_difference(label: str, got: Any, expected: Any) -> tuple[str, Row] | None:
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
            if found == "bool":
                message += " A comparison, such as `a < b`, gives bool; `(x := a) < b` needs its parentheses."
            return message, Row(f"{name} of {label}", wanted, found, True)
    return None


def _one(value: Any) -> str:
    """What an array is called, without its shape and dtype; "" for another value."""
    return "a tensor" if isinstance(value, torch.Tensor) else "a numpy array" if isinstance(value, np.ndarray) else ""


def _form(array: AnyArray, name: str) -> str:
    return str(tuple(array.shape)) if name == "shape" else str(array.dtype).removeprefix("torch.")


def wrong_entries(got: AnyArray, expected: AnyArray, tolerance: tuple[float, float] | None) -> Any:
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
    if not is_array(expected):
        return [_row(label, got, expected, bool(wrong.any()))]
    got, expected = entries_of(got), entries_of(expected)
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


def entries_of(value: Any) -> AnyArray:
    """A number as an array, so that it keeps its precision and range."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    return np.asarray(value)


def _is_finite(value: Any) -> bool:
    array = entries_of(value)
    if _form(array, "dtype") not in TOLERANCES:
        return True
    return bool(torch.isfinite(array).all() if isinstance(array, torch.Tensor) else np.isfinite(array).all())


def is_array(value: Any) -> bool:
    return isinstance(value, (torch.Tensor, np.ndarray))  # quicker than a union


def _size(array: AnyArray) -> int:
    return array.numel() if isinstance(array, torch.Tensor) else array.size
