"""Imports libraries once for our process and a zygote, which is forked from it before either holds a submission or an answer.

They share the memory of these libraries. `interpreter.bootstrap_of_two` sends this text to a fresh interpreter with a scrubbed
environment, whose command ends with descriptors: that of the rest of our program, and those that our process keeps. Linux only.
"""

import gc
import os
import socket
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

if sys.platform != "linux":
    raise ImportError("a zygote is forked on Linux only")

FIRST = 100  # the zygote's descriptors from here on are those that it is sent
_MOST = 200


def fork_zygote(folders: Sequence[str], modules: Sequence[str], gather: Callable[[], int]) -> None:
    """Import `modules` from `folders`, and fork the zygote, which waits to be started by a `ForkedZygote`."""
    gc.disable()
    sys.path += folders
    for module in modules:
        import_module(module)
    gather()
    gc.freeze()
    gc.enable()
    program, *kept = map(int, sys.argv.pop().split(","))
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        for descriptor in (program, *kept):
            os.close(descriptor)
        ours.close()
        program = _begin_zygote(theirs)
    theirs.close()
    if pid:
        sys.argv += [str(ours.detach()), str(pid)]
    os.dup2(program, 0)
    os.close(program)
    exec(sys.stdin.buffer.readline(), {"sys": sys, "__name__": "__main__"})


def _begin_zygote(sock: socket.socket) -> int:
    """Wait for the start of this zygote; the descriptor of its program."""
    os.setsid()
    os.chdir("/")
    _, (program, log, *given), _, _ = socket.recv_fds(sock, 1, _MOST)  # fails if the other process has ended
    for number in (1, 2):
        os.dup2(log, number)
    os.close(log)
    for place, descriptor in enumerate(given):
        os.dup2(descriptor, FIRST + place)
        os.close(descriptor)
    return program
