"""Forks, and continues in the child."""

import os
import time

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "process"
NEEDS = "processes"


def mean(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        os._exit(0)
    return float(x.mean())
