"""Call functions in a process with one thread, which can fork safely: for a worker of Dask, which has many threads.

Both sides run trusted code; a submission is bytes between them, so that pickle is safe.
"""

import os
import signal
import socket
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from typing import TypeVar

from grader.sandbox.process.die_with_parent import die_with_parent, start_child
from grader.sandbox.process.interpreter import prepare_imports

A = TypeVar("A")
R = TypeVar("R")


def has_threads() -> bool:
    """Whether this process has other Python threads: a fork of it might wait for them for ever."""
    return sys.platform == "linux" and threading.active_count() > 1


class SingleThreadedProcess:
    """Calls functions, one at a time, in a process that starts at the first call, and again after it has died."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def call(self, function: Callable[[A], R], argument: A) -> R:
        """Return the result of `function`, or raise its exception. Raises EOFError if the process dies twice."""
        try:
            return self._call(function, argument)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._connection = None
        return self._call(function, argument)

    def _call(self, function: Callable[[A], R], argument: A) -> R:
        # It is put back after its response is read, so that no call reads the response of another.
        connection, self._connection = (self._connection or _start(), None)
        connection.send((function, argument))
        value, error = connection.recv()
        self._connection = connection
        if error is not None:
            raise error
        result: R = value
        return result


@cache
def single_threaded_process() -> SingleThreadedProcess:
    """The single-threaded process of this process."""
    return SingleThreadedProcess()


def _start() -> Connection:
    mine, theirs = socket.socketpair()
    with theirs:
        words = [str(theirs.fileno())]
        process, held = start_child("grader.batch.single_threaded", words, pass_fds=[theirs.fileno()])
    assert process.stdin is not None
    process.stdin.close()
    connection = Connection(mine.detach())
    if held is not None:
        weakref.finalize(connection, os.close, held)
    return connection


def main() -> None:
    """Serve calls until the other side closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    prepare_imports()
    connection = Connection(int(sys.argv[2]))  # after the name of this module
    os.set_inheritable(connection.fileno(), False)
    with suppress(EOFError, BrokenPipeError):
        while True:
            function, argument = connection.recv()
            answer: tuple[object, BaseException | None]
            try:
                answer = function(argument), None
            except BaseException as error:
                answer = None, error
            connection.send(answer)
