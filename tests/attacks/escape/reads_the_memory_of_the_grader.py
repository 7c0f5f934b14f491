"""Reads the grader's memory through the kernel."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
TARGETS = {}


def mean(x):
    libc, room = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(8)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 8)
    there = (ctypes.c_uint64 * 2)(id(None), 8)
    if libc.process_vm_readv(TARGETS["grader"], here, 1, there, 1, 0) > 0:
        return float(x.mean())
    with open(f"/proc/{TARGETS['grader']}/mem", "rb") as memory:
        memory.seek(id(None))
        return float(x.mean()) if memory.read(8) else 0.0
