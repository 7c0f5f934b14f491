"""Demos on the page of a Report: runs of the student's own method, one for each setting of the controls."""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Control:
    """A setting, and its values as the page shows them."""

    label: str
    values: tuple[str, ...]
    is_choice: bool = False  # of names, not of numbers


@dataclass(frozen=True)
class Axis:
    """An axis of a panel. A logarithmic axis has exponents of 10 in place of numbers."""

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """The panel that draws the values of a run; its y axis is logarithmic."""

    x: Axis
    y: Axis


@dataclass(frozen=True)
class Plane:
    """The panel that draws the path of a run. Ellipses around (0, 0), given by their half axes, show a function's levels."""

    x: Axis
    y: Axis
    ellipses: tuple[tuple[float, float], ...]
    centre: str  # its name


@dataclass(frozen=True)
class DemoRun:
    """The run of one setting. A run that diverges ends there.

    The curve has `values` at `first`, `first + step`, ...; `path` has the points in the plane, x and y in turn. `expected` is
    a value that the run should end near: a line across the curve.
    """

    values: tuple[float, ...]
    diverges: bool
    first: float = 0.0
    step: float = 1.0
    path: tuple[float, ...] = ()
    expected: float | None = None


@dataclass(frozen=True)
class Goal:
    """A value below which a run has reached its goal, and what the page says if its last value is, or is not."""

    value: float
    met: str
    missed: str


@dataclass(frozen=True)
class Demo:
    """A run for each combination of the values of two controls; the second control changes fastest.

    `result` names the last value of a run, such as "loss after 40 steps". `missing` says which parts are missing or wrong.
    `formula` names the function that gives the `expected` values of the runs.
    """

    slug: str
    title: str
    task: str
    controls: tuple[Control, ...]
    runs: tuple[DemoRun, ...]
    result: str
    curve: Curve
    plane: Plane | None = None
    missing: tuple[str, ...] = ()
    goal: Goal | None = None
    formula: str = ""

    @property
    def has_field(self) -> bool:
        """Whether a plane of all settings can be shown: both controls are numbers."""
        return len(self.controls) > 1 and not any(control.is_choice for control in self.controls)

    @property
    def json(self) -> str:
        """The numbers to draw, as JSON without `<`, so that no HTML can arise."""
        record: dict[str, Any] = {"result": self.result, "curve": asdict(self.curve)}
        record["plane"] = asdict(self.plane) if self.plane else None
        record["goal"] = asdict(self.goal) if self.goal else None
        record["runs"] = [run.values for run in self.runs]
        record["paths"] = [run.path for run in self.runs]
        record["expected"] = [run.expected for run in self.runs]
        record["formula"] = self.formula
        record["places"] = [(run.first, run.step) for run in self.runs]
        record["diverges"] = [int(run.diverges) for run in self.runs]
        record["controls"] = [control.values for control in self.controls]
        return json.dumps(record, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """A table of the last value of every run, and in brackets the expected value: a row for each value of the first
        control."""
        width = len(self.runs) // len(self.controls[0].values)
        ends = ["diverges" if run.diverges else f"{run.values[-1]:.2g}" for run in self.runs]
        wanted = ["" if run.expected is None else f" ({run.expected:.2g})" for run in self.runs]
        ends = [end + more for end, more in zip(ends, wanted, strict=True)]
        return [(value, ends[n * width : (n + 1) * width]) for n, value in enumerate(self.controls[0].values)]
