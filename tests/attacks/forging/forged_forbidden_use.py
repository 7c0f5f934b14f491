"""Claims that a rule of the course stopped it."""

import os
import sys

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    use = wire.Use("torch.optim", "passed\x1b[2J", [])
    os.write(3, b"".join(wire.encode(wire.Response(frame.f_locals["request"].id, value=3.0, forbidden=use))))
