"""A sequence of steps as a plot: expected and received numbers, in characters for a terminal and as lines for a page."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.toolkit.text import number_text
from grader.toolkit.trajectory import Number, Trajectory, TrajectoryStep

FEWEST = 4  # steps of a plot
_WIDE, _HIGH = 60, 8  # characters
_APART = 3  # between two steps, where there is room
_MARKS = {frozenset("."): ".", frozenset("*"): "*", frozenset(".*"): "o"}
WIDTH, HEIGHT, LEFT, BELOW, EDGE = 480, 220, 84, 24, 10  # of a picture


@dataclass(frozen=True)
class _Range:
    """The numbers that an axis shows: all expected numbers, and the received numbers near them."""

    low: float
    high: float

    @classmethod
    def of(cls, expected: Iterable[float], got: Iterable[float]) -> "_Range | None":
        """None if there is nothing to show."""
        known = [number for number in expected if math.isfinite(number)]
        if not known:
            return None
        low, high = min(known), max(known)
        room = 2 * ((high - low) or abs(high) or 1.0)
        near = [number for number in got if low - room <= number <= high + room]
        low, high = min([low, *near]), max([high, *near])
        return cls(low, high) if math.isfinite(2 * room) and high > low else None

    def share(self, number: float) -> float:
        """The position of a number between `low` and `high`, from 0 to 1. Numbers outside lie at the nearer end."""
        return min(1.0, max(0.0, (number - self.low) / (self.high - self.low)))

    def holds(self, number: float) -> bool:
        return self.low <= number <= self.high


def _column(numbers: Sequence[Number], column: int) -> float:
    return float(numbers[column]) if numbers else math.nan


def _columns(path: Trajectory, column: int) -> tuple[list[float], list[float]]:
    """The expected and the received numbers of a column."""
    return [_column(one.expected, column) for one in path.steps], [_column(one.got, column) for one in path.steps]


def text_plot(path: Trajectory) -> list[str]:
    """Lines of characters; none if there are too few steps, or nothing that such a plot can show."""
    if path.count < FEWEST or not path.is_sound:
        return []
    expected, got = _columns(path, path.column)
    scale = _Range.of(expected, got)
    if scale is None:
        return []
    width = min(_WIDE, _APART * (path.count - 1) + 1)
    found: dict[tuple[int, int], set[str]] = {}
    for one, right, mine in zip(path.steps, expected, got, strict=True):
        across = round(one.step * (width - 1) / (path.count - 1))
        for mark, number in ((".", right), ("*", mine)):
            if not math.isnan(number):
                shown = mark if scale.holds(number) else "^" if number > scale.high else "v"
                down = round((1 - scale.share(number)) * (_HIGH - 1))
                found.setdefault((down, across), set()).add(shown)
    if not any(marks & {"*", "^", "v"} and "." not in marks for marks in found.values()):
        return []
    grid = [[" "] * width for _ in range(_HIGH)]
    for (down, across), marks in found.items():
        grid[down][across] = next((mark for mark in "^v" if mark in marks), _MARKS.get(frozenset(marks), "o"))
    return [_legend(path, found.values()), *_framed(grid, scale, path.count)]


def _legend(path: Trajectory, found: Iterable[set[str]]) -> str:
    beyond = "   ^ v beyond the plot" if any(marks & {"^", "v"} for marks in found) else ""
    return f"{path.names[path.column]} by step:   . expected   * yours   o both{beyond}"


def _framed(grid: Sequence[Sequence[str]], scale: _Range, count: int) -> list[str]:
    """The plot with the numbers at the ends of its axes."""
    high, low = (number_text(number) for number in (scale.high, scale.low))
    room = max(len(high), len(low))
    sides = {0: high, len(grid) - 1: low}
    lines = [f"{sides.get(row, ''):>{room}} | {''.join(cells)}".rstrip() for row, cells in enumerate(grid)]
    last = str(count - 1)
    return [*lines, " " * (room + 3) + "0" + last.rjust(len(grid[0]) - 1)]


@dataclass(frozen=True)
class PathPicture:
    """Numbers for a drawing of WIDTH by HEIGHT: unbroken pieces of two lines as points of SVG, and where they part."""

    expected: list[str]
    yours: list[str]
    parting: tuple[float, float] | None  # None if there is no such point of yours
    across: tuple[str, str, str]  # the name of an axis, and the numbers at its ends
    up: tuple[str, str, str]
    text: str  # for readers who do not see it
    remarks: list[str]


def picture_of(path: Trajectory) -> PathPicture | None:
    """Points of a plane if each step has two numbers; else the number that went wrong first, over the steps."""
    if path.count < FEWEST or not path.is_sound:
        return None
    in_plane = len(path.columns) == 2
    column = 1 if in_plane else path.column
    up = _Range.of(*_columns(path, column))
    across = _Range.of(*_columns(path, 0)) if in_plane else _Range(0, path.count - 1)
    if up is None or across is None:
        return None

    def position(one: TrajectoryStep, numbers: Sequence[Number]) -> tuple[float, float]:
        return _column(numbers, 0) if in_plane else one.step, _column(numbers, column)

    def is_beyond(one: TrajectoryStep) -> bool:
        x, y = position(one, one.got)
        return not (math.isnan(x) or math.isnan(y) or (across.holds(x) and up.holds(y)))

    def place(one: TrajectoryStep, numbers: Sequence[Number]) -> tuple[float, float] | None:
        x, y = position(one, numbers)
        if not math.isfinite(x) or not math.isfinite(y):
            return None
        right = LEFT + across.share(x) * (WIDTH - LEFT - EDGE)
        return round(right, 1), round(EDGE + (1 - up.share(y)) * (HEIGHT - BELOW - EDGE), 1)

    first = next(one for one in path.steps if one.step == path.first)
    parting = place(first, first.got)
    beyond = [one for one in path.steps if is_beyond(one)]
    lines = [[place(one, one.expected) for one in path.steps], [place(one, one.got) for one in path.steps]]
    horizontal = path.names[0] if in_plane else "step"
    text = f"{path.names[column]} against {horizontal}: yours first differs at step {path.first} of {path.count - 1}"
    ends = _ends(horizontal, across) if in_plane else (horizontal, "0", str(path.count - 1))
    return PathPicture(
        _pieces(lines[0]),
        _pieces(lines[1]),
        parting,
        ends,
        _ends(path.names[column], up),
        text,
        _remarks(first, parting is not None, beyond),
    )


def _pieces(line: Iterable[tuple[float, float] | None]) -> list[str]:
    """The unbroken pieces of a line. A point alone is a short line, since SVG draws no line of one point."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for point in line:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    drawn = [
        piece if len(piece) != 1 else [(piece[0][0] + aside, piece[0][1]) for aside in (-1, 1)] for piece in pieces
    ]
    return [" ".join(f"{round(x, 1)},{y}" for x, y in piece) for piece in drawn if piece]


def _remarks(first: TrajectoryStep, is_marked: bool, beyond: Sequence[TrajectoryStep]) -> list[str]:
    """What the picture shows, and what it cannot show."""
    yours = first.texts()[1]
    remarks = ["The circle marks the first step that differs."] if is_marked else []
    if not first.got:
        remarks.append(f"Yours has no step {first.step}.")
    elif not all(math.isfinite(float(number)) for number in first.got):
        remarks.append(f"Yours is {yours} at step {first.step}.")
    if beyond:
        steps = f"step {beyond[0].step}" if len(beyond) == 1 else f"{len(beyond)} steps, first at step {beyond[0].step}"
        remarks.append(f"Yours lies beyond the picture at {steps}.")
    return remarks


def _ends(name: str, scale: _Range) -> tuple[str, str, str]:
    return name, number_text(scale.low), number_text(scale.high)
