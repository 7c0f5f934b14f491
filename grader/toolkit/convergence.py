"""Training runs: checks run them with a submission, and `grade calibrate` with the reference.

The `convergence.py` of a section's room lists its runs in `RUNS` or `SCALED_RUNS`, by their names in `thresholds.toml`.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


@dataclass(frozen=True)
class Measurement:
    """The value that a run reached (lower is better), and whether the run kept the rule of its check."""

    value: float
    by_the_rule: bool

    def __post_init__(self) -> None:
        if isinstance(self.value, bool | np.bool_) or not isinstance(self.by_the_rule, bool | np.bool_):
            found = f"Measurement({self.value!r}, {self.by_the_rule!r})"
            raise TypeError(f"{found}: the value comes first, and then True or False for by_the_rule")


class Run(Protocol):
    """A training run that can be calibrated: `grade calibrate` measures it, and a check compares it with its threshold."""

    @property
    def exercise(self) -> str:
        """The judged exercise. Calibration also runs its mistakes."""

    @property
    def quantity(self) -> str:
        """The name of the measured quantity, with its unit if it has one."""

    @property
    def contrast_name(self) -> str:
        """The method that must fail the check."""

    @property
    def limit(self) -> float | None:
        """The threshold from the exercise's text; None to measure it."""

    def measure(self, solver: Any, seed: int) -> Measurement:
        """Run with the functions of `solver`, from `seed`."""

    def contrast(self, solver: Any, seed: int) -> float:
        """The value of the contrast with the same budget and seed. It may use functions of the reference."""


class ScaledRun(Protocol):
    """A training run that is too long for hundreds of repetitions.

    Points rise from none at the contrast's value to all at the reference's. `grade calibrate` measures both.
    """

    @property
    def seeds(self) -> int:
        """The number of runs of each."""

    @property
    def exercise(self) -> str: ...

    @property
    def quantity(self) -> str: ...

    @property
    def contrast_name(self) -> str: ...

    def measure(self, solver: Any, seed: int) -> Measurement: ...

    def contrast(self, solver: Any, seed: int) -> float: ...
