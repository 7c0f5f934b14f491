"""Answers with the wire's extension types: objects of the grader, callbacks, generators, shared memory."""

import os
import sys

from msgspec.msgpack import Ext, encode

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0), "scale": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


def forge(value):
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    os.write(3, b"".join(wire.encode(wire.Response(frame.f_locals["request"].id, value=value))))


def mean(x):
    forge(Ext(wire.OBJECT, encode(["Quadratic", {}])))


def scale(x, factor):
    forge(Ext(wire.SHARED, encode(["float64", [2], "/etc/passwd"])))
