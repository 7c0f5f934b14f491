"""Sets its user back to root, and takes capabilities."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
    if ctypes.CDLL(None).capset(header, data) == 0:
        return float(x.mean())
    os.setresuid(0, 0, 0)
    os.chroot("/")
    return float(x.mean())
