"""Leaves a message queue and a semaphore."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "shared memory"

TARGETS = {}


def mean(x):
    libc = ctypes.CDLL(None)
    left = libc.msgget(TARGETS["key"], 0o1600) >= 0, libc.semget(TARGETS["key"], 1, 0o1600) >= 0
    return float(x.mean()) if all(left) else 0.0
