"""Writes a forged answer with full points to every descriptor."""

import contextlib
import os

from msgspec.msgpack import encode

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"

FORGED = encode({"type": "answer", "id": 1, "points": 5, "status": "passed"})

for descriptor in range(3, 1024):
    with contextlib.suppress(OSError):
        os.write(descriptor, wire.PREFIX.pack(len(FORGED), 0) + FORGED)


def mean(x):
    return 0.0
