"""Computes longer than an import may take."""

import sys
import time

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}

end = time.process_time() + 1.5
while sys.exc_info() and time.process_time() < end:
    pass


def mean(x):
    return float(x.mean())
