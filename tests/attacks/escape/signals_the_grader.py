"""Sends the grader a signal."""

import os
import signal

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "signal"
TARGETS = {}


def mean(x):
    os.kill(TARGETS["grader"], signal.SIGUSR1)
    return float(x.mean())
