"""Returns infinities of both signs."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "our own comparison"


def mean(x):
    return float("inf")


def scale(x, factor):
    return x / 0
