"""Returns containers that change during reading: a growing list, a key with two values, numbers that count up."""

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0), "shift_in_place": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Number(int):
    calls = 0

    def __int__(self):
        Number.calls += 1
        return Number.calls

    __index__ = __trunc__ = __int__
    __le__ = __lt__ = __ge__ = __eq__ = lambda self, other: True
    __hash__ = int.__hash__


class Growing(list):
    def __iter__(self):
        for _ in range(1000):
            self.append(3.0)
            yield 3.0


class Key(str):
    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = lambda self: 1  # noqa: E731


def mean(x):
    return Number(3)


def scale(x, factor):
    return Growing([1.0])


def shift_in_place(params, amount):
    return {Key("a"): Growing(), Key("b"): Number(1)}
