"""Raises NotImplementedError, as an unwritten exercise does."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("not_started", 0.0)}
STOPPED_BY = "gates"


def mean(x):
    if x.numel():
        raise NotImplementedError
    return 0.0


def scale(x, factor):
    raise NotImplementedError
