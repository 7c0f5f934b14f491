"""Attaches to the grader as a debugger does."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
TARGETS = {}


def mean(x):
    libc = ctypes.CDLL(None, use_errno=True)
    seize = 0x4206
    return float(x.mean()) if libc.ptrace(seize, TARGETS["grader"], None, None) == 0 else 0.0
