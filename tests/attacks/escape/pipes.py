"""Fills pipes and event descriptors, whose contents count for no process."""

import os
import select

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    _, end = os.pipe()
    os.write(end, bytes(1 << 16))
    select.epoll().close()
    return float(x.mean())
