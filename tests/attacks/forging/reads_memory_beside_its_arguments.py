"""Searches the raw memory around every object for the text of the solution."""

import ctypes
import gc
import re

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"

SOUGHT = re.compile(rb"float\(x\.sum\(\)\) / x\.num[e]l")  # does not match itself


def mean(x):
    for page in {id(item) >> 12 for item in gc.get_objects()}:
        if SOUGHT.search(ctypes.string_at(page << 12, 4096)):
            return x.mean().item()
    return 0.0
