"""Sends the grader a request, as if the grader were the worker."""

import os

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def mean(x):
    os.write(3, b"".join(wire.encode(wire.Load(1, "evil.py"), [b"import os; os._exit(0)"])))
    return 0.0
