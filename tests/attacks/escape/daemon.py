"""Forks twice into a session of its own, so that no parent waits for it."""

import os
import time

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "process"
NEEDS = "processes"

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(3)
    os._exit(0)


def mean(x):
    return float(x.mean())
