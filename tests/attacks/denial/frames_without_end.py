"""Sends callbacks as fast as it can."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    frame = b"".join(wire.encode(wire.Callback(0, 0)))
    while True:
        os.write(3, frame)
