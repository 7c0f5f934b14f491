"""Installs a seccomp filter of its own, which would answer system calls."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def mean(x):
    allow = ctypes.create_string_buffer(b"\x06\x00\x00\x00\x00\x00\xff\x7f")
    program = Program(1, ctypes.addressof(allow))
    return float(x.mean()) if ctypes.CDLL(None).prctl(22, 2, ctypes.byref(program), 0, 0) == 0 else 0.0
