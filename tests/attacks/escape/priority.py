"""Raises its priority, on every core."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.sched_setaffinity(0, range(os.cpu_count()))
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    return float(x.mean())
