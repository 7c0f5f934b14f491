"""Raises an exception whose text never ends."""

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


class EndlessError(Exception):
    def __str__(self):
        while True:
            pass


def mean(x):
    raise EndlessError
