"""Prints hostile text."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "clean text"
SUCCEEDS_IN = ["text as it comes"]
THERE = {"mean": ("failed", 0.0)}
LEAVES = "orders"
TARGETS = {}


def mean(x):
    os.write(1, TARGETS["text"].encode("utf-8", "replace"))
    os.write(2, b"\xff\xfe\x00\x1b]0;x\x07")
    return 0.0
