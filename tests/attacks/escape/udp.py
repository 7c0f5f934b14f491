"""Sends a datagram to another process."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "datagram"
TARGETS = {}


def mean(x):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"answers?", ("127.0.0.1", TARGETS["udp"]))
    return float(x.mean())
