"""Overflows the stack of the interpreter itself, below where it counts calls."""

import itertools

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    items = iter(())
    for _ in range(200_000):
        items = itertools.chain(items)
    return float(next(items))
