"""Leaves an object whose `__del__` never ends."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


class Endless:
    def __del__(self):
        while True:
            pass


def mean(x):
    Endless()
    return 0.0
