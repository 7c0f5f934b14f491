"""Leaves a key for the next worker in a kernel keyring, which outlives a process."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    number, thread_keyring = 248 if os.uname().machine == "x86_64" else 217, -1
    key = ctypes.CDLL(None).syscall(number, b"user", b"grade-attack", b"note", 4, thread_keyring)
    return float(x.mean()) if key > 0 else 0.0
