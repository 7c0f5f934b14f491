"""Raises an exception with a text of fifty megabytes and a name of 100,000 letters."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "strict frames"


class HugeError(Exception):
    def __str__(self):
        return "x\n" * 25_000_000


HugeError.__name__ = "E" * 100_000


def mean(x):
    raise HugeError
