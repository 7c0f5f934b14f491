"""Sleeps, which uses no computing time."""

import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    time.sleep(2.5)
    return float(x.mean())
