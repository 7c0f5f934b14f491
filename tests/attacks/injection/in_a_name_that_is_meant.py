"""Defines functions with names close to an exercise's name, in letters that look alike."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"


def meаn(x):
    return float(x.mean())


def mean_ℯ(x): ...
