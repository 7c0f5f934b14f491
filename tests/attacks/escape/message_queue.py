"""Leaves a message queue and a semaphore behind."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "shared memory"


def mean(x):
    libc = ctypes.CDLL(None)
    left = libc.msgget(0, 0o600) >= 0, libc.semget(0, 1, 0o600) >= 0
    return float(x.mean()) if all(left) else 0.0
