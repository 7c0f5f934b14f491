"""Returns classes, modules, functions and generators instead of a number."""

import types

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


def mean(x):
    return types


def scale(x, factor):
    return [scale, object, (item for item in ()), type]
