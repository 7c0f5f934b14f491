"""The results of convergence runs over many seeds, on disk: a stopped calibration continues, and plots need no training.

A tail is fitted to the worst runs of the reference: it bounds how often a right answer exceeds a threshold.

A series stays valid while the run, the measured code and the versions of the libraries stay the same.
"""

import ast
import hashlib
import inspect
import math
import platform
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import genpareto

from grader import __version__
from grader.predictions import is_table
from grader.toolkit.convergence import Measurement, Run, ScaledRun
from grader.toolkit.lazy_torch import is_imported, torch

SAVED_EVERY = 20  # seeds
_DIGITS = 6  # significant digits, so that a stored number equals the measured one
TAIL = 0.2  # the share of the runs to which the tail is fitted
RESAMPLES = 500
CONFIDENCE = 0.95
SMALLEST = 1e-9  # the smallest stated bound: hundreds of runs tell nothing about less
_SEED = 20_250_101
_Floats = NDArray[np.float64]


class Series(msgspec.Struct):
    """The values of one solver for seeds 0, 1, 2, ...; None for an exception, an infinity or NaN.

    `broken` are the seeds whose runs broke the rule of the check.
    """

    fingerprint: str
    values: list[float | None] = []
    broken: list[int] = []

    def first(self, seeds: int) -> "Series":
        """The series of the first seeds."""
        return Series(self.fingerprint, self.values[:seeds], [seed for seed in self.broken if seed < seeds])


class Measurements(msgspec.Struct):
    """All series of a run: the reference's, the contrast's, and one for each mistake of the exercise."""

    run: str
    versions: dict[str, str] = {}
    reference: Series = msgspec.field(default_factory=lambda: Series(""))
    contrast: Series = msgspec.field(default_factory=lambda: Series(""))
    mistakes: dict[str, Series] = {}


@dataclass(frozen=True)
class Store:
    """A folder of measurements, a file per run."""

    folder: Path

    def path(self, run: str) -> Path:
        return self.folder / f"{run}.json"

    def load(self, run: str) -> Measurements:
        """The stored measurements of a run; empty if nothing is stored."""
        path = self.path(run)
        return msgspec.json.decode(path.read_bytes(), type=Measurements) if path.exists() else Measurements(run)

    def save(self, measurements: Measurements) -> None:
        """Replace the stored measurements of a run."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path(measurements.run).write_bytes(msgspec.json.encode(measurements) + b"\n")


def versions(source: str) -> dict[str, str]:
    """The versions on which the numbers of a run depend; that of torch, if the measured code imports it."""
    return {"grader": __version__, "python": platform.python_version(), **_libraries(source)}


def _libraries(source: str) -> dict[str, str]:
    names = ("torch", "numpy") if re.search(r"^(import|from) torch\b", source, re.MULTILINE) else ("numpy",)
    return {name: version(name) for name in names}


def fingerprint(run: Run | ScaledRun, source: str) -> str:
    """A hash of the run, the measured code and the libraries, without comments, docstrings and `PREDICTIONS`."""
    module = Path(inspect.getfile(type(run))).read_text(encoding="utf-8")
    text = "\n".join([_code(module), _code(source), str(_libraries(source))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _code(source: str) -> str:
    """A syntax tree as text, without docstrings and `PREDICTIONS`: no run reads either."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not is_table(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


def extend(series: Series, seeds: int, measure: Callable[[int], Measurement], keep: Callable[[], None]) -> None:
    """Measure the seeds that a series lacks, and call `keep` now and then, and at the end.

    Seeds the global generators, since a mistake may draw from them.
    """
    for seed in range(len(series.values), seeds):
        if is_imported():
            torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        value, by_the_rule = _attempt(measure, seed)
        series.values.append(value)
        if not by_the_rule:
            series.broken.append(seed)
        if (seed + 1) % SAVED_EVERY == 0 or seed + 1 == seeds:
            keep()


def _attempt(measure: Callable[[int], Measurement], seed: int) -> tuple[float | None, bool]:
    try:
        found = measure(seed)
    except Exception:  # any exception of a mistake fails the check
        return None, False
    finite = np.isfinite(found.value)
    return float(f"{found.value:.{_DIGITS}g}") if finite else None, found.by_the_rule


@dataclass(frozen=True)
class Tail:
    """Tails fitted to bootstrap resamples of the same runs, an array each: start, shape and scale."""

    start: _Floats
    shape: _Floats
    scale: _Floats

    def exceedance(self, value: float) -> float:
        """The upper confidence bound of the probability that a right answer exceeds `value`, which lies in the tail."""
        beyond = TAIL * genpareto.sf(value - self.start, self.shape, scale=self.scale)
        return max(SMALLEST, float(np.quantile(beyond, CONFIDENCE)))

    def point(self, probability: float) -> float:
        """The smallest value that right answers exceed with at most this probability, by the same bound."""
        ends = self.start + genpareto.isf(probability / TAIL, self.shape, scale=self.scale)
        return float(np.quantile(ends, CONFIDENCE))


def fit_tail(values: Sequence[float]) -> Tail:
    """Fit the tail of the distribution of `values`; the same values give the same tail.

    Peaks over threshold: of any distribution, the part above a high enough point follows, to first order, a generalised Pareto
    distribution (Balkema and de Haan 1974, Pickands 1975; Coles, An Introduction to Statistical Modeling of Extreme Values, 2001,
    chapter 4). docs/thresholds.md explains the method and what was measured of it.

    Raises:
        ValueError: the largest values are all equal.
    """
    sample = np.asarray(values, dtype=np.float64)
    generator = np.random.default_rng(_SEED)
    resamples = generator.choice(sample, (RESAMPLES, len(sample)))
    start, shape, scale = np.transpose([_fit(resample) for resample in resamples])
    return Tail(start, shape, scale)


def _fit(sample: _Floats) -> tuple[float, float, float]:
    """Start, shape and scale of a generalised Pareto distribution for the largest values, by maximum likelihood.

    For a given shape / scale the best shape is known, so that one number is left to search for (Grimshaw 1993). The shape is
    at least 0: a tail that ends somewhere is never assumed, since the end would be a guess.
    """
    start = float(np.quantile(sample, 1 - TAIL))
    excess = sample[sample > start] - start
    if len(excess) == 0:
        raise ValueError("the largest values are all the same, so that they show no tail")
    mean = float(excess.mean())

    def shape_for(ratio: float) -> float:
        return float(np.log1p(ratio * excess).mean())

    def cost(logarithm: float) -> float:
        ratio = math.exp(logarithm) / mean
        shape = shape_for(ratio)
        return math.log(shape / ratio) + shape

    best = minimize_scalar(cost, bounds=(-10, 5), method="bounded", options={"xatol": 1e-3})
    if best.fun >= math.log(mean):  # the exponential distribution, the limit of shape 0, is likelier
        return start, 0.0, mean
    ratio = math.exp(best.x) / mean
    return start, shape_for(ratio), shape_for(ratio) / ratio
