"""Asks for the size of the solution, and reads nothing."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "namespaces"
SUCCEEDS_IN = ["without namespaces", "Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    return float(x.mean()) if os.stat(TARGETS["solution"]).st_size else 0.0
