"""Ends its process with exit code 0 during the import."""

import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"
SUCCEEDS_IN = ["in process"]
THERE = {"mean": ("the grader ended with exit code 0", 0.0)}

os._exit(0)


def mean(x):
    return 0.0
