"""Forges an error with hostile and too long text in every field."""

import os
import sys

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("failed", 0.0)}
SECTION = "tiny"
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}


def mean(x):
    text = TARGETS["text"].replace("\ud800", "")
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    lines = [wire.Frame(2**62, text, text), wire.Frame(-1, text, text)]
    failure = wire.Failure(text, ["Exception", text], text * 3, lines)
    os.write(3, b"".join(wire.encode(wire.Response(frame.f_locals["request"].id, failure=failure))))
