"""Computes an integer with a billion digits."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    return 7 ** (10**9)
