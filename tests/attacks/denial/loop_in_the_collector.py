"""Loops in the garbage collector, and starts the collector."""

import functools
import gc
import operator

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def endless(phase, info):
    while True:
        pass


gc.callbacks.append(endless)
gc.set_threshold(1)


def mean(x):
    return float(functools.reduce(operator.iadd, [[0.0] for _ in range(1000)], [])[0])
