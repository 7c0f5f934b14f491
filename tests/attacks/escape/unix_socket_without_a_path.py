"""Connects to a socket of the abstract kind, which no permission of a file guards."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "connection"
STAGE = {}


def mean(x):
    socket.socket(socket.AF_UNIX).connect(STAGE["abstract"])
    return float(x.mean())
