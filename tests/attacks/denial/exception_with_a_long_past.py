"""Raises exceptions in a chain of a thousand causes, in a group, from a deep stack."""

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "strict frames"


def deeper(depth):
    if depth:
        return deeper(depth - 1)
    error = ValueError("x")
    for _ in range(1000):
        after = ExceptionGroup("g", [error, KeyError("y" * 1000)])
        after.__cause__ = error
        error = after
    raise error


def mean(x):
    return deeper(500)
