"""Closes every descriptor, then replaces each by /dev/null."""

import os

EXPECTED = {"mean": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"

os.closerange(0, 4096)
while os.open("/dev/null", os.O_RDWR) < 10:
    pass


def mean(x):
    return float(x.mean())
