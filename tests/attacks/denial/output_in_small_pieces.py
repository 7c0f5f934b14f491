"""Prints without end, a little at a time."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "output limit"


def mean(x):
    while True:
        print("passed " * 10)
