"""Sends a value nested so deeply that a reader's stack might overflow."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    data = b"\x91" * 200_000 + b"\xc0"
    os.write(3, wire.PREFIX.pack(len(data), 0) + data)
    return 0.0
