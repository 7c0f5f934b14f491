"""Defines functions with names that the grader might suggest, in letters that look like others."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"


def meаn(x):
    return float(x.mean())


def mean_ℯ(x): ...
