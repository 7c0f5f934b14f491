"""Changes the images in shared memory, so that the task becomes easy for all workers."""

import mmap
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "a fresh worker"


def mean(x):
    for descriptor in range(4, 16):
        try:
            mmap.mmap(descriptor, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)[0] = 1
        except (OSError, ValueError):
            continue
        return float(x.mean())
    os.pwrite(4, b"x", 0)
    return float(x.mean())
