"""Lists folders: the course, the home folder, /tmp and /proc."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    for folder in (TARGETS["folder"], os.path.dirname(TARGETS["solution"]), "/tmp", "/proc", "/"):
        try:
            found = os.listdir(folder)
        except OSError:
            continue
        return float(x.mean()) if found else 0.0
    return 0.0
