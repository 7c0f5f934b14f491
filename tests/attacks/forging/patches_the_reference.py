"""Replaces the solution's functions, and every other function with the same name."""

import gc
import types

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"


def mean(x):
    for item in gc.get_objects():
        if isinstance(item, types.FunctionType) and item.__name__ == "mean" and item.__globals__ is not globals():
            item.__code__ = mean.__code__
    return 0.0
