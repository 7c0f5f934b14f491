"""Asks how large the solution is, which tells a right answer from a wrong one before it is handed in, and reads nothing."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "namespaces"
SUCCEEDS_IN = ["without namespaces", "Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
STAGE = {}


def mean(x):
    return float(x.mean()) if os.stat(STAGE["solution"]).st_size else 0.0
