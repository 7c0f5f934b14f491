"""Asks its parent, the zygote, to trace it."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
SECTION = "tiny"
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    return float(x.mean()) if ctypes.CDLL(None).ptrace(0, 0, None, None) == 0 else 0.0
