"""Enters namespaces of its own, where it would be root."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
SECTION = "tiny"
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "namespaces"


def mean(x):
    clone_newuser = 0x10000000
    return float(x.mean()) if ctypes.CDLL(None).unshare(clone_newuser) == 0 else 0.0
