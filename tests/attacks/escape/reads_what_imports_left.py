"""Reads the names of the course's files from Python's import caches."""

import sys

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    names = {"oracles", "strategies", "solutions", "exercises"}
    for finder in sys.path_importer_cache.values():
        names -= getattr(finder, "_path_cache", set())
    return float(x.mean()) if len(names) < 4 else 0.0
