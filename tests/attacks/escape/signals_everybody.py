"""Sends a signal to every process that it can reach, and to its process group."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.killpg(0, 0)  # signal 0 asks only whether a real one would arrive
    return float(x.mean())
