"""Overflows the C stack, where Python does not count calls."""

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    items = iter(())
    for _ in range(400_000):
        items = filter(None, items)
    return float(next(items))
