"""Returns an object whose repr never ends."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Endless:
    def __repr__(self):
        while True:
            pass

    __str__ = __format__ = __bytes__ = __hash__ = __len__ = __eq__ = __repr__


def mean(x):
    return [Endless(), {"x": Endless()}]
