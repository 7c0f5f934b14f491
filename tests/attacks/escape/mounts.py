"""Mounts a folder elsewhere, leaves its root, and changes the machine's name."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"


def mean(x):
    libc = ctypes.CDLL(None)
    done = [
        libc.mount(b"none", b"/mnt", b"tmpfs", 0, None) == 0,
        libc.pivot_root(b"/", b"/") == 0 if hasattr(libc, "pivot_root") else False,
        libc.sethostname(b"x", 1) == 0,
        libc.umount2(b"/mnt", 0) == 0,
    ]
    return float(x.mean()) if any(done) else 0.0
