"""A sequence of steps that came out wrong: expected rows beside received ones, as numbers, for tables and pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np

from grader.toolkit import show
from grader.toolkit.lazy_torch import torch
from grader.toolkit.verdicts import Row

STEPS_KEPT = 60  # of a longer one, those around the first that differs, and others evenly
COLUMNS_KEPT = 4  # of wider rows, the first number that differs
LONG = (
    6  # numbers in a row, which are shown as a sequence without being asked: a table of entries is too short for them
)
BEFORE, AFTER = 1, 2  # steps around the first that differs, for a short table

Number: TypeAlias = float | Literal["nan", "inf", "-inf"]  # JSON has no numbers for these three


class TrajectoryStep(msgspec.Struct, frozen=True):
    """The numbers of a step, by column. A list is empty if the sequence has no such step."""

    step: int
    expected: list[Number]
    got: list[Number]
    differs: bool

    def texts(self) -> tuple[str, str]:
        """The expected and the received numbers, with as few digits as show the difference."""
        for digits in (4, 8, 17):
            texts = _text(self.expected, digits), _text(self.got, digits)
            if not self.differs or texts[0] != texts[1]:
                break
        return texts


class Trajectory(msgspec.Struct, frozen=True):
    """A sequence in which the step `first` is the first that differs, and there the column at the place `column`.

    `columns` are those that are kept of wide rows; none for a number in each step. Of the `count` steps, `wrong_steps`
    differ; `steps` holds about STEPS_KEPT at most.
    """

    label: str
    columns: list[int]
    first: int
    column: int
    count: int
    wrong_steps: int
    steps: list[TrajectoryStep]

    @property
    def names(self) -> list[str]:
        """What the numbers of a step are called, as Python would have it."""
        return [f"{self.label}[:, {column}]" for column in self.columns] or [self.label]

    @property
    def loses_finiteness(self) -> bool:
        """Whether the first step that differs is not finite, and should be."""
        first = next(one for one in self.steps if one.step == self.first)
        texts = [any(isinstance(number, str) for number in numbers) for numbers in (first.expected, first.got)]
        return texts == [False, True]

    def rows(self, step_label: str = "") -> list[Row]:
        """A short table: the first step that differs, and its neighbours. `step_label` may be "weights after step"."""
        only = self.columns if len(self.columns) == 1 else []  # the others of a wide row are not shown
        shown = [one for one in self.steps if -BEFORE <= one.step - self.first <= AFTER]
        rows = []
        for one in shown:
            label = f"{step_label} {one.step}" if step_label else self.label
            label = label_at(label, only if step_label else [one.step, *only])
            rows.append(Row(label, *one.texts(), one.differs))
        more = self.wrong_steps - sum(one.differs for one in shown)
        return [*rows, more_rows(more)] if more else rows


def label_at(label: str, place: Sequence[int]) -> str:
    """The label of an item or entry, as Python would have it: "params[1]", "weights after step 2 [1][0, 2]"."""
    apart = " " in label and not label.endswith("]")
    return f"{label}{' ' if apart else ''}{[*place]}" if place else label


def more_rows(count: int) -> Row:
    return Row(f"… {count} more", "", "", True)


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


def _text(numbers: Sequence[Number], digits: int) -> str:
    parts = [show.number(float(number), digits) for number in numbers]
    return "none" if not parts else parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


def _chosen(count: int, first: int) -> list[int]:
    if count <= STEPS_KEPT:
        return [*range(count)]
    near = range(max(0, first - BEFORE), min(count, first + 10))
    return sorted({*near, *np.linspace(0, count - 1, STEPS_KEPT - 10).round().astype(int).tolist()})


def _numbers(table: np.ndarray, step: int, columns: Sequence[int]) -> list[Number]:
    return [_number(float(table[step, column])) for column in columns] if step < len(table) else []


def _number(value: float) -> Number:
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
