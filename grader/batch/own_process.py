"""A process of our own for jobs that reach one with several threads, such as a worker of Dask's: it has one, so that it can fork.

What passes between the two is ours on both sides: a submission is bytes in it.
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
    """Whether this process has threads of Python's besides the present one: a fork of it might wait for them for ever."""
    return sys.platform == "linux" and threading.active_count() > 1


class OwnProcess:
    """Calls functions, one at a time, in a process that is started when it is first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def call(self, function: Callable[[A], R], argument: A) -> R:
        """What `function` returns or raises there. Raises EOFError if the process ends instead, and does so again."""
        try:
            return self._call(function, argument)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self._connection = None
        return self._call(function, argument)

    def _call(self, function: Callable[[A], R], argument: A) -> R:
        connection, self._connection = (
            self._connection or _start(),
            None,
        )  # back once its answer is read: nobody gets another's
        connection.send((function, argument))
        value, error = connection.recv()
        self._connection = connection
        if error is not None:
            raise error
        result: R = value
        return result


@cache
def own_process() -> OwnProcess:
    """The one that belongs to this process."""
    return OwnProcess()


def _start() -> Connection:
    mine, theirs = socket.socketpair()
    with theirs:
        words = [str(theirs.fileno())]
        process, held = start_child("grader.batch.own_process", words, pass_fds=[theirs.fileno()])
    assert process.stdin is not None
    process.stdin.close()
    connection = Connection(mine.detach())
    if held is not None:
        weakref.finalize(connection, os.close, held)
    return connection


def main() -> None:
    """Answer until the other side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    prepare_imports()
    connection = Connection(int(sys.argv[2]))  # behind the name of this module
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
