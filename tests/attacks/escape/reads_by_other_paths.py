"""Reads the solution through a symbolic link, dots, /proc/self/root and an open folder."""

import contextlib
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    folder = TARGETS["folder"]
    ways = [f"{folder}/link", f"{folder}/folder/../solution.py", f"/proc/self/root{folder}/solution.py"]
    found = 0
    for way in ways:
        try:
            with open(way) as file:
                found += "def mean" in file.read()
        except OSError:
            continue
    with contextlib.suppress(OSError):
        found += os.open("solution.py", os.O_RDONLY, dir_fd=os.open(folder, os.O_PATH)) > 0
    return float(x.mean()) if found else 0.0
