"""Training runs, a module per section: checks ask them of a submission, and `grade calibrate` of the reference.

A module is called like its section's stem and lists its runs in `RUNS`, by the name under which `thresholds.toml` keeps them.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol


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


def runs_of(stem: str) -> Mapping[str, Run]:
    """The runs of the section with this stem; none if it has no module here."""
    if find_spec(f"{__name__}.{stem}") is None:
        return {}
    runs: Mapping[str, Run] = importlib.import_module(f"{__name__}.{stem}").RUNS
    return runs
