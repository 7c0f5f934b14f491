"""Makes a pair of sockets, which could pass descriptors."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    one, other = socket.socketpair()
    socket.send_fds(one, [b"x"], [1])
    return float(x.mean()) if other.recv(1) else 0.0
