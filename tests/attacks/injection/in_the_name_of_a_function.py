"""Fails inside a function with a hostile name."""

from grader.sandbox.calls import worker

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

worker.one_line = lambda text, *_: text


def mean(x):
    return raises(x)


def raises(x):
    raise ValueError("x")


raises.__code__ = raises.__code__.replace(co_name=TARGETS["text"].replace("\ud800", ""))
