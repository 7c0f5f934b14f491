"""Matches a pattern that backtracks for years."""

import re

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    return float(bool(re.match("(a+)+$", "a" * 60 + "b")))
