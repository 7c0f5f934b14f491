"""Is right by another order of operations, so that rounding differs."""

import math

EXPECTED = {"scale": ("passed", 1.75), "mean": ("passed", 1.25), "centre": ("passed", 0.5)}
STOPPED_BY = "our own comparison"


def scale(x, factor):
    return (x / 3) * (factor * 3)


def mean(x):
    return math.fsum(x.reshape(-1).tolist()) / x.numel() * (1 + 1e-13)


def centre(x):
    return -(mean(x) - x)
