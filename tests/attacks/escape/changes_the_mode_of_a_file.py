"""Changes the permissions and the time stamps of a file."""

import os

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
TARGETS = {}


def mean(x):
    victim = f"{TARGETS['folder']}/victim.txt"
    os.chmod(victim, 0o777)
    os.utime(victim, (1, 1))
    return float(x.mean())
