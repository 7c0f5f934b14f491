"""Opens a file above a readable folder, with a newer system call."""

import ctypes
import os
import struct

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)
    path = os.path.relpath(TARGETS["solution"], os.path.dirname(os.__file__)).encode()
    how = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, 0), 24)
    opened = ctypes.CDLL(None).syscall(437, folder, path, how, 24)
    return float(x.mean()) if opened >= 0 and os.read(opened, 10) else 0.0
