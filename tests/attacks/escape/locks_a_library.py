"""Locks a library file that all workers read, so that the next lock waits."""

import fcntl

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    with open(fcntl.__file__ if hasattr(fcntl, "__file__") else __import__("os").__file__, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
    return float(x.mean())
