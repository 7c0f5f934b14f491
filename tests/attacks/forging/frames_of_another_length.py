"""Announces eight gibibytes, and sends a few bytes."""

import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    os.write(3, b"\xff" * 8 + b"x" * 100)
    return 0.0
