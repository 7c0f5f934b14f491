"""Replaces msgspec, json and struct in its process, to change what the worker sends."""

import json
import struct

import msgspec

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"


class Always:
    def encode(self, *_):
        return json.dumps({"status": "passed", "points": 1.25}).encode()


wire._encoder = Always()
msgspec.json.encode = struct.unpack = Always().encode


def mean(x):
    return 0.0
