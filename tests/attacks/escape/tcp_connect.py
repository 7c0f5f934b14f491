"""Connects to a TCP port of this machine."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "connection"
TARGETS = {}


def mean(x):
    with socket.create_connection(("127.0.0.1", TARGETS["tcp"]), 1) as opened:
        opened.sendall(b"x")
    return float(x.mean())
