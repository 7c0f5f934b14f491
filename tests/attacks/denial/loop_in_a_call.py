"""Computes longer than a call may take."""

import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    end = time.process_time() + 1
    while time.process_time() < end:
        pass
    return float(x.mean())
