"""Compare two sequences of steps: of numbers, or of rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from grader.toolkit.lazy_torch import torch
from grader.toolkit.trajectory import BEFORE, Number, Trajectory, TrajectoryStep

STEPS_KEPT = 60  # of a longer one, those around the first that differs, and others evenly
COLUMNS_KEPT = 4  # of wider rows, the first number that differs
LONG = 6  # numbers in a row, which are shown as a sequence without being asked: too many for a table of entries
_NEAR = 10  # steps from the first that differs on
_TOO_LARGE = 2**53  # float64 does not hold each integer from here on

Differing: TypeAlias = Callable[[Any, Any], Any]


def trajectory_of(label: str, got: Any, expected: Any, differing: Differing) -> Trajectory | None:
    """Compare two sequences of numbers, or of rows of numbers; None if they are none, or no step differs.

    `differing` marks the wrong entries of two numbers or arrays; it is None for those of different kinds.
    """
    rows, wanted = _table(got), _table(expected)
    if rows is None or wanted is None or rows.shape[1] != wanted.shape[1]:
        return None
    both, count = min(len(rows), len(wanted)), max(len(rows), len(wanted))
    wrong = _wrong(got[:both], expected[:both], rows[:both], wanted[:both], differing)
    differs = np.ones(count, bool)
    differs[:both] = wrong.any(axis=1)
    if not differs.any():
        return None
    first = int(differs.argmax())
    column = int(wrong[first].argmax()) if first < both else 0
    width = rows.shape[1]
    kept = [*range(width)] if width <= COLUMNS_KEPT else [column]
    shown = differs.copy()
    shown[:both] = wrong[:, kept].any(axis=1)  # other columns of a wide row may differ in other steps
    steps = [
        TrajectoryStep(step, _numbers(wanted, step, kept), _numbers(rows, step, kept), bool(shown[step]))
        for step in _chosen(count, first)
    ]
    columns = kept if width > 1 else []
    return Trajectory(label, columns, first, kept.index(column), count, int(differs.sum()), steps)


def is_long_sequence(value: Any) -> bool:
    """Whether a value is shown as a sequence without being asked."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return value.ndim == 1 and len(value) >= LONG and "float" in str(value.dtype)
    return isinstance(value, list | tuple) and len(value) >= LONG and all(type(item) is float for item in value)


def _wrong(got: Any, expected: Any, rows: np.ndarray, wanted: np.ndarray, differing: Differing) -> np.ndarray:
    """Mark the numbers that the verdict counts as wrong; those of different kinds are compared as float64."""
    if isinstance(got, list | tuple) and isinstance(expected, list | tuple):
        kinds = {type(item) for item in (*got, *expected)}
        if kinds in ({float}, {int}):  # all at once, which is quicker
            kind = kinds.pop()
            return np.asarray(differing(rows.astype(kind), wanted.astype(kind)))
        items = zip(got, expected, rows, wanted, strict=True)
        return np.array([_wrong(*item, differing) for item in items])
    marks = differing(got, expected)
    if marks is not None:
        return np.asarray(marks).reshape(rows.shape)
    with np.errstate(all="ignore"):
        near: np.ndarray = np.isclose(rows, wanted, rtol=1e-9, atol=0)
    return ~near


def _table(value: Any) -> np.ndarray | None:
    """A row of float64 per step; None for anything else than real numbers that float64 holds, or rows of as many each."""
    if isinstance(value, torch.Tensor | np.ndarray):
        array = _real(value)
        return array.reshape(len(array), -1) if array is not None and array.ndim in (1, 2) and array.size else None
    if not isinstance(value, list | tuple) or not value:
        return None
    flat = _flat_row(value)
    if flat is not None:
        return flat.reshape(-1, 1)
    rows = [_real(item) if isinstance(item, torch.Tensor | np.ndarray) else _flat_row(item) for item in value]
    shapes = {row.shape if row is not None else () for row in rows}
    one_width = len(shapes) == 1 and len(shapes.pop()) == 1
    table = np.stack([row for row in rows if row is not None]) if one_width else None
    return table if table is not None and table.size else None


def _flat_row(value: Any) -> np.ndarray | None:
    """A list of numbers as an array."""
    if not isinstance(value, list | tuple):
        return None
    known = all(type(item) is float or (type(item) is int and abs(item) < _TOO_LARGE) for item in value)
    return np.array(value, np.float64) if known else None


def _real(value: Any) -> np.ndarray | None:
    """The numbers of an array, if they are real, and float64 holds them."""
    dtype = str(value.dtype)
    if "float" not in dtype and "int" not in dtype:
        return None
    numbers: np.ndarray = (
        value.detach().double().numpy() if isinstance(value, torch.Tensor) else value.astype(np.float64)
    )
    return None if "int" in dtype and (abs(numbers) >= _TOO_LARGE).any() else numbers


def _chosen(count: int, first: int) -> list[int]:
    if count <= STEPS_KEPT:
        return [*range(count)]
    near = range(max(0, first - BEFORE), min(count, first + _NEAR))
    return sorted({*near, *np.linspace(0, count - 1, STEPS_KEPT - _NEAR).round().astype(int).tolist()})


def _numbers(table: np.ndarray, step: int, columns: Sequence[int]) -> list[Number]:
    return [_number(float(table[step, column])) for column in columns] if step < len(table) else []


def _number(value: float) -> Number:
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
