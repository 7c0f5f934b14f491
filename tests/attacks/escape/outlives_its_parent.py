"""Asks the kernel to keep it alive after its parent ends."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    return float(x.mean()) if ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == 0 else 0.0
