"""Writes bytes that are not a frame."""

import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    os.write(3, b"\x00passed" * 100)
    return 0.0
