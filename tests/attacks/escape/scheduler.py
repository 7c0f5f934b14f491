"""Changes its scheduling policy."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return float(x.mean())
