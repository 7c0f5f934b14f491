"""Exits with hostile text as its last output."""

import sys

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "clean text"
TARGETS = {}


def mean(x):
    sys.exit(TARGETS["text"])
