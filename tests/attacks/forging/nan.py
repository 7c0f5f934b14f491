"""Returns NaN, which is neither above nor below any tolerance."""

EXPECTED = {"mean": ("failed", 0.0), "centre": ("blocked", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "our own comparison"
SUCCEEDS_IN = ["naive comparison"]
THERE = {"mean": ("passed", 1.25), "centre": ("passed", 0.5), "scale": ("passed", 1.75)}


def mean(x):
    return float("nan")


def centre(x):
    return x * mean(x)


def scale(x, factor):
    return x * mean(x)
