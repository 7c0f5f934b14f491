"""Reserves disk space in its output file, without writing."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    os.posix_fallocate(1, 0, 1 << 19)
    os.ftruncate(1, 0)
    return float(x.mean())
