"""Opens a port for connections."""

import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
    return float(x.mean())
