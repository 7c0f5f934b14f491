"""Fails on a line whose text is hostile."""

import linecache

from grader.sandbox.calls import worker

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

worker.one_line = lambda text, *_: text
linecache.getline = lambda *_: TARGETS["text"].replace("\ud800", "")


def mean(x):
    raise ValueError("x")
