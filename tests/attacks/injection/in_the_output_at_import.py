"""Prints hostile text during the import, and lines that look like a Report's."""

import sys

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}

sys.stderr.write(TARGETS["text"].replace("\ud800", ""))
printed = print("\n::error::the grader has failed\nmean 1.2 / 1.2 passed\nIn all 5.0 / 5.0 points")


def mean(x):
    return 0.0
