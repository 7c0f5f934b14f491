"""Sleeps at its first call, which uses no computing time."""

import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


calls = []


def mean(x):
    if not calls:
        time.sleep(2.5)
    calls.append(x)
    return float(x.mean())
