"""Reads an address without memory."""

import ctypes

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("the grader ended with exit code -11", 0.0)}


def mean(x):
    return float(ctypes.string_at(0)[0])
