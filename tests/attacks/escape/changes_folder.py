"""Changes the working folder, so that relative paths lead elsewhere."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    os.chdir(TARGETS["folder"])
    return float(x.mean())
