"""Fills the memory during the import."""

import mmap

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}

HELD = [mmap.mmap(-1, 1 << 30) for _ in range(3)]


def mean(x):
    return float(x.mean())
