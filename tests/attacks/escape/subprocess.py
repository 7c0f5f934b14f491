"""Runs a program."""

import subprocess

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "processes"


def mean(x):
    subprocess.run(["/bin/true"], check=True)
    return float(x.mean())
