"""Sets a kernel timer, whose signal would interrupt the worker's own code."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    timer = ctypes.c_void_p()
    made = ctypes.CDLL(None).syscall(222 if os.uname().machine == "x86_64" else 107, 1, None, ctypes.byref(timer))
    return float(x.mean()) if made == 0 else 0.0
