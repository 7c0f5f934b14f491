"""Returns a float whose class claims to be float."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Meta(type):
    def __eq__(cls, other):
        return True

    def __instancecheck__(cls, instance):
        return True

    __hash__ = type.__hash__


class Agreeable(float, metaclass=Meta):
    __class__ = float

    def __float__(self):
        return 3.0


def mean(x):
    return Agreeable(0.0)
