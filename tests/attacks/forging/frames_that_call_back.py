"""Calls functions of the grader that it never received."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    for handle in (0, 1, -1):
        os.write(3, b"".join(wire.encode(wire.Callback(0, handle, ["import os"]))))
    return 0.0
