"""Writes into the grader's memory through the kernel."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
TARGETS = {}


def mean(x):
    room = ctypes.create_string_buffer(8)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(room), 8)
    nowhere = (ctypes.c_uint64 * 2)(8, 8)
    written = ctypes.CDLL(None).process_vm_writev(TARGETS["grader"], here, 1, nowhere, 1, 0)
    with open(f"/proc/{TARGETS['grader']}/mem", "r+b", buffering=0):
        return float(x.mean()) if written >= 0 else 0.0
