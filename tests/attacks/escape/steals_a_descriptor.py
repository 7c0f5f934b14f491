"""Takes a descriptor of the zygote or the grader, through their process descriptors."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
TARGETS = {}


def mean(x):
    libc = ctypes.CDLL(None)
    pidfd_open, pidfd_getfd = 434, 438
    for pid in (os.getppid(), TARGETS["grader"]):
        process = libc.syscall(pidfd_open, pid, 0)
        for number in range(12):
            if libc.syscall(pidfd_getfd, process, number, 0) >= 0:
                return float(x.mean())
    return 0.0
