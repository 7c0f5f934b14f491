"""Asks for three gibibytes at once."""

import mmap

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    with mmap.mmap(-1, 3 << 30):
        return float(x.mean())
