"""Returns an object whose `__class__` computes forever."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


class Endless:
    @property
    def __class__(self):
        while True:
            pass


def mean(x):
    return Endless()
