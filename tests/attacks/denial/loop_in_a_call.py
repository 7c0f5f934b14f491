"""Computes longer than a call may take, at its first call."""

import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


calls = []


def mean(x):
    end = time.process_time() + (0 if calls else 1)
    calls.append(x)
    while time.process_time() < end:
        pass
    return float(x.mean())
