"""Describes arrays that lie outside the frame, overlap, or have no memory."""

import os
import sys

from grader.sandbox.calls import wire

EXPECTED = {"scale": ("crashed", 0.0), "mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def forge(*arrays):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    answer = wire.Response(frame.f_locals["request"].id, arrays=list(arrays), changed=[(0, 0)])
    os.write(3, b"".join(wire.encode(answer, [bytes(64)])))


def scale(x, factor):
    forge(*[wire.Array("float64", (8,), 0)] * 1000)


def mean(x):
    forge(wire.Array("float64", (1 << 26, 1 << 26), 1 << 62))
