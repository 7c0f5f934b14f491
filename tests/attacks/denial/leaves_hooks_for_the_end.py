"""Registers functions for the end of its process: a loop, and a text that praises it."""

import atexit
import sys
import weakref

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "time limits"


class Held: ...


def endless(*_):
    while True:
        print("passed")


HELD = Held()
weakref.finalize(HELD, endless)
atexit.register(endless)
sys.excepthook = sys.unraisablehook = endless


def mean(x):
    return 0.0
