"""Greets a second time, as a trusted worker without confinement."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"

os.write(3, b"".join(wire.encode(wire.Hello(0, {"trusted": True}))))


def mean(x):
    return 0.0
