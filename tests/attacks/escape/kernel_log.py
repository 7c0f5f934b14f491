"""Reads the kernel's log, which shows addresses and other programs."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    size_of_buffer, number = 10, 103 if os.uname().machine == "x86_64" else 116
    return float(x.mean()) if ctypes.CDLL(None).syscall(number, size_of_buffer, None, 0) > 0 else 0.0
