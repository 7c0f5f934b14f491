"""Writes to its own memory through a file, which ignores page protection."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    room = ctypes.create_string_buffer(b"before")
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(ctypes.addressof(room))
        memory.write(b"behind")
    return float(x.mean()) if room.value == b"behind" else 0.0
