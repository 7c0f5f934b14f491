"""Thresholds of convergence checks, measured and never guessed: `thresholds.toml` holds them, `grade calibrate` writes it."""

import math
import statistics
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("thresholds.toml")
MARGIN_DEVIATIONS = (
    10  # Cantelli: at most 1 / (1 + 10^2) whatever the distribution, far less for anything like a normal one
)


@dataclass(frozen=True)
class Threshold:
    """What reference runs reached over `seeds` seeds: mean and standard deviation, and the bound that a submission must meet.

    `contrast` is the mean of what the method of comparison reaches in the same budget.
    """

    mean: float
    std: float
    bound: float
    contrast: float
    seeds: int
    command: str

    @classmethod
    def measured(cls, results: Sequence[float], contrasts: Sequence[float], command: str) -> "Threshold":
        """A threshold for a loss: `MARGIN_DEVIATIONS` standard deviations above the mean of the reference runs."""
        mean, std = statistics.fmean(results), statistics.stdev(results)
        bound = mean + MARGIN_DEVIATIONS * std
        return cls(mean, std, bound, statistics.fmean(contrasts), len(results), command)


@cache
def load() -> dict[str, Threshold]:
    """All thresholds by "section.check"."""
    if not PATH.exists():
        return {}
    tables = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": Threshold(**entry) for section, table in tables.items() for name, entry in table.items()
    }


def threshold(name: str) -> Threshold:
    """Return the threshold called "section.check"; KeyError says how to measure it."""
    try:
        return load()[name]
    except KeyError:
        raise KeyError(f"{PATH.name} has no {name}: grade calibrate {name.partition('.')[0]}") from None


def store(measured: dict[str, Threshold]) -> None:
    """Write thresholds, keeping those that were not measured anew."""
    lines = ["# Measured by `grade calibrate`; see docs/authors.md. Do not edit by hand."]
    for name, entry in sorted({**load(), **measured}.items()):
        lines.append(f"\n[{name}]")
        for key, value in vars(entry).items():
            lines.append(f"{key} = {_toml(value)}")
    PATH.write_text("\n".join(lines) + "\n", encoding="utf-8")
    load.cache_clear()


def _toml(value: float | int | str) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value) if isinstance(value, int) or not math.isfinite(value) else f"{value:.6g}"
