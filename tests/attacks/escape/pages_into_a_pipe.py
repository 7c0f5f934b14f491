"""Gives memory pages to a pipe and splices them on, as known kernel exploits do."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    libc, ends = ctypes.CDLL(None), (ctypes.c_int * 2)()
    libc.pipe2(ends, 0)
    room = ctypes.create_string_buffer(b"pages")
    part = (ctypes.c_size_t * 2)(ctypes.addressof(room), 5)
    given = libc.vmsplice(ends[1], part, 1, 0)
    source = os.open(os.__file__, os.O_RDONLY)
    spliced = libc.splice(source, None, ends[1], None, 100, 0)
    return float(x.mean()) if min(given, spliced) > 0 else 0.0
