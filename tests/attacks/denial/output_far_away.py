"""Writes one byte of output at an offset of one terabyte."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "output limit"


def mean(x):
    os.pwrite(2, b"x", 1 << 40)
    return float(x.mean())
