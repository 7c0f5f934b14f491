"""Raises an exception of a class with a hostile name."""

from grader.sandbox.calls import worker

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

worker.one_line = lambda text, *_: text


def mean(x):
    raise type(TARGETS["text"].replace("\ud800", "").replace("\0", ""), (Exception,), {})("x")
