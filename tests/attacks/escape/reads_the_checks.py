"""Reads the expected values from the file of checks."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    with open(TARGETS["checks"]) as file:
        expects_three = '"mean": (result, 3.0)' in file.read()
    return float(x.mean()) if expects_three else 0.0
