"""Asks the kernel for a new process by system call number: fork, vfork, clone, clone3."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "processes"


def mean(x):
    libc = ctypes.CDLL(None, use_errno=True)
    fork, clone = (57, 56) if os.uname().machine == "x86_64" else (1079, 220)
    for number, *arguments in ((fork,), (clone, 17, 0, 0, 0, 0)):
        pid = libc.syscall(number, *arguments)
        if pid == 0:
            os._exit(0)
        if pid > 0:
            os.waitpid(pid, 0)
            return float(x.mean())
    return 0.0
