"""Defines functions with names that the grader might suggest, in letters that look like others."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"


def meаn(x):  # noqa: PLC2401, the third letter is Cyrillic
    return float(x.mean())


def mean_ℯ(x): ...
