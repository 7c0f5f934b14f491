"""Empties builtins and the table of modules."""

import builtins
import sys

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "another process"


def mean(x):
    sys.modules.clear()
    builtins.__dict__.clear()
