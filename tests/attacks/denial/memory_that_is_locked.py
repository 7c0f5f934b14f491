"""Locks its memory against swapping, and maps huge pages."""

import ctypes
import mmap

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"


def mean(x):
    libc = ctypes.CDLL(None, use_errno=True)
    locked = libc.mlockall(3) == 0
    with mmap.mmap(-1, 1 << 21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000):
        return float(x.mean()) if locked else 0.0
