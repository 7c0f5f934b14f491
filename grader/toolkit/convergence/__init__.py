"""Training runs on real MNIST, a module per section: the check asks them of a submission, `grade calibrate` of the reference.

A module is called like its section's stem and lists its runs in `RUNS`, by the name under which `thresholds.toml` keeps them.
"""

import importlib
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any, Protocol


class Run(Protocol):
    """A training run that can be calibrated."""

    def measure(self, solver: Any, seed: int) -> tuple[float, float]:
        """Run with the functions of `solver`, from `seed`: what it reaches, and what the contrast reaches in the same budget.

        Lower is better for both: a loss, or an error rate.
        """


def runs_of(stem: str) -> Mapping[str, Run]:
    """The runs of the section with this stem; none if it has no module here."""
    if find_spec(f"{__name__}.{stem}") is None:
        return {}
    runs: Mapping[str, Run] = importlib.import_module(f"{__name__}.{stem}").RUNS
    return runs
