"""Sleeps forever, except for two milliseconds at each time check, which it causes by sending a byte."""

import os
import time

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    os.write(3, wire.PREFIX.pack(wire.HEADER_LIMIT, 0))
    while True:
        time.sleep(0.044)
        os.write(3, b"\x90")
        end = time.perf_counter() + 0.0018
        while time.perf_counter() < end:
            pass
