"""A sequence of steps that came out wrong: expected rows beside received ones, as numbers, for tables and pictures."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from grader.toolkit.text import number_text
from grader.toolkit.verdicts import Row

BEFORE, AFTER = 1, 2  # steps around the first that differs, for a short table
_MOST = 2**53  # steps

Number: TypeAlias = float | Literal["nan", "inf", "-inf"]  # JSON has no numbers for these three


class TrajectoryStep(msgspec.Struct, frozen=True):
    """The numbers of a step, by column, and whether they differ. A list is empty if the sequence has no such step."""

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
    differ, in any column; `steps` holds about 60 at most.
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
    def is_sound(self) -> bool:
        """Whether its parts fit together: a stored one may hold anything."""
        width = len(self.columns) or 1
        rows = [numbers for one in self.steps for numbers in (one.expected, one.got)]
        return (
            0 <= self.column < width
            and self.count <= _MOST
            and any(one.step == self.first for one in self.steps)
            and all(0 <= one.step < self.count for one in self.steps)
            and all(len(numbers) in (0, width) for numbers in rows)
        )

    @property
    def loses_finiteness(self) -> bool:
        """Whether the first step that differs is not finite, and should be."""
        for one in self.steps:
            if one.step == self.first:
                return [_has_texts(numbers) for numbers in (one.expected, one.got)] == [False, True]
        return False

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


def _has_texts(numbers: Sequence[Number]) -> bool:
    return any(isinstance(number, str) for number in numbers)


def _text(numbers: Sequence[Number], digits: int) -> str:
    parts = [number_text(float(number), digits) for number in numbers]
    return "none" if not parts else parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"
