"""Takes memory in many small pieces."""

import numpy as np

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    pieces = [np.empty(1 << 27, np.uint8) for _ in range(32)]
    return float(x.mean()) * bool(pieces)
