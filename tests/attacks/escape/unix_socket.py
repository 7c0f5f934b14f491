"""Connects to a socket in a folder, as many services have."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "connection"
STAGE = {}


def mean(x):
    socket.socket(socket.AF_UNIX).connect(f"{STAGE['folder']}/socket")
    return float(x.mean())
