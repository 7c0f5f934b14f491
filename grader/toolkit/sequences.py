"""Compare two sequences of steps: of numbers, or of rows of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.toolkit.lazy_torch import torch
from grader.toolkit.trajectory import BEFORE, Number, Trajectory, TrajectoryStep

STEPS_KEPT = 60  # of a longer one, those around the first that differs, and others evenly
COLUMNS_KEPT = 4  # of wider rows, the first number that differs
LONG = (
    6  # numbers in a row, which are shown as a sequence without being asked: a table of entries is too short for them
)
_NEAR = 10  # steps from the first that differs on


def trajectory_of(label: str, got: Any, expected: Any, tolerance: tuple[float, float]) -> Trajectory | None:
    """Compare two sequences of numbers, or of rows of numbers; None if they are none, or no step differs."""
    rows, wanted = _table(got), _table(expected)
    if rows is None or wanted is None or rows.shape[1] != wanted.shape[1]:
        return None
    both, count = min(len(rows), len(wanted)), max(len(rows), len(wanted))
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(rows[:both], wanted[:both], rtol=tolerance[0], atol=tolerance[1])
    differs = np.ones(count, bool)
    differs[:both] = wrong.any(axis=1)
    if not differs.any():
        return None
    first = int(differs.argmax())
    column = int(wrong[first].argmax()) if first < both else 0
    width = rows.shape[1]
    kept = [*range(width)] if width <= COLUMNS_KEPT else [column]
    steps = [
        TrajectoryStep(step, _numbers(wanted, step, kept), _numbers(rows, step, kept), bool(differs[step]))
        for step in _chosen(count, first)
    ]
    columns = kept if width > 1 else []
    return Trajectory(label, columns, first, kept.index(column), count, int(differs.sum()), steps)


def is_long_sequence(value: Any) -> bool:
    """Whether a value is shown as a sequence without being asked."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return value.ndim == 1 and len(value) >= LONG and "float" in str(value.dtype)
    return isinstance(value, list | tuple) and len(value) >= LONG and all(type(item) is float for item in value)


def _is_flat(value: Any) -> bool:
    """Whether a sequence holds numbers, and not rows of them."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return value.ndim == 1
    return all(type(item) in (float, int) for item in value)


def _table(value: Any) -> np.ndarray | None:
    """A row of float64 per step; None for anything else than real numbers, or rows of as many each."""
    if isinstance(value, torch.Tensor | np.ndarray):
        array = _real(value)
        return array.reshape(len(array), -1) if array is not None and array.ndim in (1, 2) and array.size else None
    if not isinstance(value, list | tuple) or not value:
        return None
    if _is_flat(value):
        return np.array([[_as_float(item)] for item in value])
    rows = [_real(item) if isinstance(item, torch.Tensor | np.ndarray) else _flat_row(item) for item in value]
    shapes = {row.shape if row is not None else () for row in rows}
    one_width = len(shapes) == 1 and len(shapes.pop()) == 1
    table = np.stack([row for row in rows if row is not None]) if one_width else None
    return table if table is not None and table.size else None


def _flat_row(value: Any) -> np.ndarray | None:
    """A list of numbers as an array."""
    numbers = isinstance(value, list | tuple) and _is_flat(value)
    return np.array([_as_float(item) for item in value]) if numbers else None


def _real(value: Any) -> np.ndarray | None:
    """The numbers of an array, if they are real."""
    if not any(kind in str(value.dtype) for kind in ("float", "int")):
        return None
    return value.detach().double().numpy() if isinstance(value, torch.Tensor) else value.astype(np.float64)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


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
