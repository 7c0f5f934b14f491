"""Waits for input from a keyboard."""

import sys

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    return float(input("points? ") or sys.stdin.read())
