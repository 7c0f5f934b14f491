"""Connects to a socket in a folder, as many services have."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "connection"
TARGETS = {}


def mean(x):
    socket.socket(socket.AF_UNIX).connect(f"{TARGETS['folder']}/socket")
    return float(x.mean())
