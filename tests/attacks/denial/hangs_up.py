"""Closes its channel to the grader and sleeps."""

import os
import time

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    os.close(3)
    time.sleep(100)
