"""Changes the working folder, so that relative paths lead elsewhere."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
STAGE = {}


def mean(x):
    os.chdir(STAGE["folder"])
    return float(x.mean())
