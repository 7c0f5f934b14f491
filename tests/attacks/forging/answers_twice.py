"""Answers each question twice; the second answer is for the next question."""

import os
import sys

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("failed", 0.0), "scale": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def forge(value):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, b"".join(wire.encode(wire.Response(frame.f_locals["request"].id, value=value))))


def mean(x):
    forge(0.0)
    return 3.0


def scale(x, factor):
    forge(None)
    forge(None)
    return x * factor
