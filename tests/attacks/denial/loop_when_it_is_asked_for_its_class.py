"""Returns an object that computes for ever when it is asked what it is."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


class Endless:
    @property
    def __class__(self):
        while True:
            pass


def mean(x):
    return Endless()
