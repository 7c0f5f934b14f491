"""Aborts, as a library does after memory corruption."""

import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("the grader ended with exit code -6", 0.0)}


def mean(x):
    os.abort()
