"""Sends the zygote a signal, which would end all workers."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.kill(os.getppid(), 0)  # signal 0 asks only whether a real one would arrive
    return float(x.mean())
