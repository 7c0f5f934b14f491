"""Tries rare kernel interfaces: io_uring, bpf, userfaultfd, perf events, keys."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"

NUMBERS = {"x86_64": (425, 321, 323, 298, 250), "aarch64": (425, 280, 282, 241, 219)}


def mean(x):
    libc, room = ctypes.CDLL(None), ctypes.create_string_buffer(256)
    opened = [libc.syscall(number, 4, room, 0, -1, 0) for number in NUMBERS[os.uname().machine][:1]]
    opened += [libc.syscall(number, 0, 0, 0, 0, 0) for number in NUMBERS[os.uname().machine][1:4]]
    return float(x.mean()) if max(opened) >= 0 else 0.0
