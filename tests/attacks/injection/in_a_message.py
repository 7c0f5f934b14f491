"""Raises an exception with hostile text, which the worker did not clean."""

from grader.sandbox.calls import worker

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

worker.clean = lambda text, *_: text


def mean(x):
    raise ValueError(TARGETS["text"].replace("\ud800", ""))
