"""Sends answers before the questions, with guessed request numbers."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"
SUCCEEDS_IN = ["predictable ids"]
THERE = {"mean": ("failed", 1.0)}

for value in (None, 3.0):  # the answer to the request to load this file, and to the first call
    os.write(3, b"".join(wire.encode(wire.Response(7, value=value))))


def mean(x):
    return 0.0
