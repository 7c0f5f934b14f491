"""Runs its own machine code, which asks the kernel for a socket."""

import ctypes
import mmap
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "x86_64"


def mean(x):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    # mov edi, 2; mov esi, 2; xor edx, edx; mov eax, 41 (socket); syscall; ret
    page.write(bytes.fromhex("bf02000000be0200000031d2b8290000000f05c3"))
    opened = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    if opened < 0:
        return 0.0
    os.close(opened)
    return float(x.mean())
