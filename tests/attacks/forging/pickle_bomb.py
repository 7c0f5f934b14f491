"""Returns an object whose pickle runs a command when the grader loads it."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "plain data"
TARGETS = {}


class Bomb(float):
    def __reduce__(self):
        return os.system, (f"touch {TARGETS['folder']}/owned",)


def mean(x):
    return Bomb(0.0)
