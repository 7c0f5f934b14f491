"""Claims to have changed arguments that it never received, one of them twice."""

import os
import sys

from grader.sandbox.calls import wire

EXPECTED = {"shift_in_place": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def shift_in_place(params, amount):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    changed = [(0, 0), (0, 0), (99, 0), (-1, 0)]
    answer = wire.Response(frame.f_locals["request"].id, arrays=[wire.Array("float64", (2,), 0)], changed=changed)
    os.write(3, b"".join(wire.encode(answer, [bytes(64)])))
