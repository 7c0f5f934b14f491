"""The first steps of a zygote, before heavy imports: the parent that it dies with, and its namespaces. Linux only."""

import contextlib
import os
import signal
import socket
import sys
from io import BufferedReader

import msgspec

from grader.sandbox.confinement import namespaces
from grader.sandbox.confinement.syscalls import prctl
from grader.sandbox.process import zygote_messages
from grader.sandbox.process.path_hiding_finder import PathHidingFinder

if sys.platform != "linux":
    raise ImportError("a zygote forks workers on Linux only")

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def _offer_itself_to_the_killer() -> None:
    """If memory runs out, the kernel is to end this process and its workers before the grader: these can be replaced."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")


def _read_start() -> tuple[list[int], int | None, zygote_messages.Config]:
    """The descriptors of the clients, that of the workers' control groups, the Config: what is left of standard input."""
    start = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[list[int], int | None, zygote_messages.Config])
    _read_from("/dev/zero")  # so that the buffer of the input no longer holds the start, which names paths
    assert isinstance(sys.stdin.buffer, BufferedReader)
    sys.stdin.buffer.read1(len(sys.stdin.buffer.peek()))
    _read_from(os.devnull)
    return start


def _read_from(path: str) -> None:
    """Make a file the standard input."""
    descriptor = os.open(path, os.O_RDONLY)
    os.dup2(descriptor, 0)
    os.close(descriptor)


def main(own: PathHidingFinder) -> None:
    """Start the zygote, whose modules `own` finds."""
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _offer_itself_to_the_killer()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the trusted process, which then hangs up
    descriptors, groups, config = _read_start()
    apart = config.namespaces and namespaces.enter()
    prctl(_PR_SET_CHILD_SUBREAPER, 1)
    clients = [socket.socket(fileno=fd) for fd in descriptors]
    from grader.sandbox.process import zygote  # it imports numpy

    zygote.serve(clients, config, apart, groups, own)
