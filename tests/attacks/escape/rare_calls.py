"""Tries system calls with known holes: local descriptors, ports, file handles, quotas, pages."""

import ctypes
import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}

# modify_ldt, iopl, name_to_handle_at, lookup_dcookie, fanotify_init, kcmp, move_pages, pkey_alloc, fsopen, landlock
NUMBERS = {
    "x86_64": (154, 172, 303, 212, 300, 312, 279, 330, 430, 444),
    "aarch64": (264, 18, 262, 190, 272, 239, 289, 430, 444),
}


def mean(x):
    libc, room = ctypes.CDLL(None), ctypes.create_string_buffer(64)
    found = [libc.syscall(number, 0, room, 0, 0, 0) for number in NUMBERS[os.uname().machine]]
    return float(x.mean()) if max(found) >= 0 else 0.0
