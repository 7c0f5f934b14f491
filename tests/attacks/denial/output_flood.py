"""Writes output without end."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
SECTION = "tiny"
STOPPED_BY = "output limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    for _ in range(64):
        os.write(1, bytes(1 << 16))
    return float(x.mean())
