"""Child processes that end with their parent, even if the parent is killed. Linux only.

On other systems, the child ends at its next read from its closed input.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing.connection import wait
from typing import Any

from grader.sandbox.process.interpreter import bootstrap, python_command


def start_child(
    module: str, words: Sequence[str] = (), pass_fds: Sequence[int] = (), **options: Any
) -> tuple[subprocess.Popen[bytes], int | None]:
    """Start the `main` of one of our modules in a fresh interpreter; `main` calls `die_with_parent`.

    Its input is a pipe that starts with the `bootstrap`; `words` follow the module's name in its command. Returns the process
    and, on Linux, a descriptor: the kernel kills the process when the descriptor is closed.
    """
    watched, held = os.pipe() if sys.platform == "linux" else (None, None)
    tied = [] if watched is None else [watched]
    try:
        command = [*python_command(module), *words, *map(str, tied)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[*pass_fds, *tied], **options)
    except OSError:
        if held is not None:
            os.close(held)
        raise
    finally:
        for descriptor in tied:
            os.close(descriptor)
    assert process.stdin is not None
    process.stdin.write(bootstrap(module))  # sent with what is written next
    return process, held


def die_with_parent() -> None:
    """Let the kernel kill this process when the process that called `start_child` closes the descriptor or ends."""
    if sys.platform == "linux":
        watched = int(sys.argv[-1])
        os.set_inheritable(watched, False)
        die_with(watched)


def die_with(sentinel: Any) -> None:
    """Let the kernel kill this process when the other end of a pipe closes. A thread could not do it: this process forks."""
    if sys.platform != "linux":
        raise NotImplementedError("on Linux only")
    import fcntl

    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if wait([sentinel], 0):  # it has closed already
        os._exit(1)
