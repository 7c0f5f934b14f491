"""Opens an io_uring, whose operations a system call filter does not see."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    ring = ctypes.CDLL(None).syscall(425, 4, ctypes.create_string_buffer(120))
    return float(x.mean()) if ring >= 0 else 0.0
