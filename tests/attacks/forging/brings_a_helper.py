"""Imports the answer from a second file."""

import importlib

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "one file"
BESIDE = {"helper.py": "def mean(x): return float(x.mean())\n"}


def mean(x):
    return importlib.import_module("helper").mean(x)
