"""Loops inside the interpreter, where signals wait."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    return float(sum(range(10**12)))
