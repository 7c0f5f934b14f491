"""Puts the folder of solutions on the path and imports it."""

import importlib
import os
import sys

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    sys.path.insert(0, os.path.dirname(TARGETS["solution"]))
    sys.modules.pop("section1_tiny", None)
    return importlib.import_module("section1_tiny").mean(x)
