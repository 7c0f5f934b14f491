"""Overflows the stack of the interpreter itself, below where it counts calls."""

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    items = iter(())
    for _ in range(400_000):
        items = filter(None, items)
    return float(next(items))
