"""Copies a program into a file in memory and runs it, by system call numbers only."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}

NUMBERS = {"x86_64": (319, 322), "aarch64": (279, 281)}


def mean(x):
    libc = ctypes.CDLL(None)
    memfd_create, execveat = NUMBERS[os.uname().machine]
    file = libc.syscall(memfd_create, b"program", 0)
    libc.syscall(execveat, max(file, 1), b"", 0, 0, 0x1000)
    return float(x.mean()) if file >= 0 else 0.0
