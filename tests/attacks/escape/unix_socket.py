"""Connects to a socket that lies in a folder, as the sockets of many services do."""

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
