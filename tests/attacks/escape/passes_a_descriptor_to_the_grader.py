"""Sends a descriptor over the channel to the grader."""

import array
import socket

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("crashed", 0.0)}


def mean(x):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
    socket.socket(fileno=3).sendmsg([b"\x00"], rights)
    return 0.0
