"""Loads the compiled solution, which needs no source."""

import marshal

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    with open(f"{TARGETS['folder']}/solution.pyc", "rb") as file:
        names = {}
        exec(marshal.loads(file.read()[16:]), names)
    return names["mean"](x)
