"""Returns classes, modules, functions and generators where a number should be."""

import types

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


def mean(x):
    return types


def scale(x, factor):
    return [scale, object, (item for item in ()), type]
