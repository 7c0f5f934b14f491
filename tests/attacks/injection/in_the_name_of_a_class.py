"""Returns an object of a class with a hostile name."""

from grader.sandbox.calls import packing

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

packing.describe = lambda value: "a \x1b[2J\u202e" + TARGETS["text"][:80]


def mean(x):
    return object()
