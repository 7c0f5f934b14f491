"""Raises an exception that raises another one at every access."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"


class MuteError(Exception):
    def __getattribute__(self, name):
        raise KeyError(name)

    def __setattr__(self, name, value):
        raise KeyError(name)


def mean(x):
    raise MuteError
