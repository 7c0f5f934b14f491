"""Sends its answer byte by byte, without end."""

import os
import time

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    os.write(3, wire.PREFIX.pack(wire.HEADER_LIMIT, 0))
    while True:
        os.write(3, b"\x90")
        time.sleep(0.05)
