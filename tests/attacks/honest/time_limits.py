"""Computes and sleeps for a moment."""

import time

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "time limits"

slept = time.sleep(0.05)


def mean(x):
    time.sleep(0.05)
    return float(sum(range(1_000_000)) * 0 + x.mean())
