"""Makes the kernel copy a file to its output, without read or write."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    source = os.open(os.__file__, os.O_RDONLY)
    os.sendfile(1, source, 0, 100)
    return float(x.mean())
