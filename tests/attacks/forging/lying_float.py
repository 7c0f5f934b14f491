"""Returns a float that equals everything."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Agreeable(float):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = float.__hash__


def mean(x):
    return Agreeable(0.0)
