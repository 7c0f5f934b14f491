"""Connects to an abstract socket, which no file permission protects."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "connection"
TARGETS = {}


def mean(x):
    socket.socket(socket.AF_UNIX).connect(TARGETS["abstract"])
    return float(x.mean())
