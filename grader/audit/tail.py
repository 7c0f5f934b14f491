"""Fit a tail to the worst runs of the reference, and bound how often a right answer exceeds a threshold.

Peaks over threshold: of any distribution, the part above a high enough point follows, to first order, a generalised
Pareto distribution (Balkema and de Haan 1974, Pickands 1975; Coles, An Introduction to Statistical Modeling of Extreme Values,
2001, chapter 4). docs/thresholds.md explains the method and what was measured of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import genpareto

TAIL = 0.2  # the share of the runs to which the tail is fitted
RESAMPLES = 500
CONFIDENCE = 0.95
SMALLEST = 1e-9  # the smallest stated bound: hundreds of runs tell nothing about less
_SEED = 20_250_101

_Floats = NDArray[np.float64]


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
