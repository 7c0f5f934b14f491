"""Makes a file in memory, which could hold a program."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.close(os.memfd_create("program"))
    return float(x.mean())
