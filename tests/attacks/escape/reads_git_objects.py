"""Unpacks the solution from an object of a git repository."""

import zlib

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    with open(f"{TARGETS['folder']}/git-object", "rb") as file:
        text = zlib.decompress(file.read()).partition(b"\0")[2]
    names = {}
    exec(text, names)
    return names["mean"](x)
