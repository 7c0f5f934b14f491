"""Sends a pickle that runs code if the grader loads it."""

import os
import pickle

from grader.sandbox.calls import wire

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "strict frames"
TARGETS = {}


class Bomb:
    def __reduce__(self):
        return os.system, (f"touch {TARGETS['folder']}/owned",)


def mean(x):
    data = pickle.dumps(Bomb())
    os.write(3, wire.PREFIX.pack(len(data), 0) + data)
    return 0.0
