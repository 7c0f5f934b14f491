"""Training runs: checks ask them of a submission, and `grade calibrate` of the reference.

The `convergence.py` of a section's room lists its runs in `RUNS` or `SCALED_RUNS`, by the names under which its
`thresholds.toml` keeps them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from grader.course import Section


@dataclass(frozen=True)
class Measurement:
    """What one run reached, lower being better, and whether it got there by the rule that the check asks for besides."""

    value: float
    by_the_rule: bool


class Run(Protocol):
    """A training run that can be calibrated: `grade calibrate` measures it, and a check compares it with its threshold."""

    @property
    def exercise(self) -> str:
        """The exercise that the run judges: its mistakes are run, too."""

    @property
    def quantity(self) -> str:
        """What `measure` gives, in a few words and with its unit if it has one."""

    @property
    def contrast_name(self) -> str:
        """The method that must not be good enough."""

    @property
    def limit(self) -> float | None:
        """The threshold where the exercise's own text states it; None where it is to be measured."""

    def measure(self, solver: Any, seed: int) -> Measurement:
        """Run with the functions of `solver`, from `seed`."""

    def contrast(self, solver: Any, seed: int) -> float:
        """What the contrast reaches in the same budget, from the same seed; it may use the functions of the reference."""


class ScaledRun(Protocol):
    """A training run too long to be repeated hundreds of times, whose points rise between two values that `grade calibrate`
    measures: none at what the contrast reaches, all at what the reference does."""

    @property
    def seeds(self) -> int:
        """How many runs of each there are."""

    @property
    def exercise(self) -> str: ...

    @property
    def quantity(self) -> str: ...

    @property
    def contrast_name(self) -> str: ...

    def measure(self, solver: Any, seed: int) -> Measurement: ...

    def contrast(self, solver: Any, seed: int) -> float: ...


def runs_of(section: Section) -> Mapping[str, Run]:
    """The training runs of a section, by the names of their thresholds."""
    runs: Mapping[str, Run] = getattr(section.module("convergence"), "RUNS", {})
    return runs


def scaled_runs_of(section: Section) -> Mapping[str, ScaledRun]:
    """The runs of this section that are listed in `SCALED_RUNS`."""
    runs: Mapping[str, ScaledRun] = getattr(section.module("convergence"), "SCALED_RUNS", {})
    return runs
