"""Raises SystemExit, which ends a program without an error."""

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    raise SystemExit(0)
