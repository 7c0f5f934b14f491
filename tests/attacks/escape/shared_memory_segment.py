"""Leaves a System V shared memory segment."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "shared memory"

TARGETS = {}


def mean(x):
    return float(x.mean()) if ctypes.CDLL(None).shmget(TARGETS["key"], 4096, 0o1600) >= 0 else 0.0
