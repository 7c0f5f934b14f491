"""Changes its personality, so that its memory lies at predictable addresses."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    no_random_addresses = 0x40000
    return float(x.mean()) if ctypes.CDLL(None).personality(no_random_addresses) >= 0 else 0.0
