"""The zygote that `fork_zygote` has forked from this process. Linux only."""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from grader.sandbox.process.fork_zygote import FIRST

if sys.platform != "linux":
    raise ImportError("a zygote is forked on Linux only")


class ForkedZygote:
    """It waits for its start; then it is a process with the methods of `subprocess.Popen` that its owner needs."""

    def __init__(self, descriptor: int, pid: int) -> None:
        self.pid = pid
        self._socket = socket.socket(fileno=descriptor)
        self._pidfd = os.pidfd_open(pid)
        self._code: int | None = None

    @classmethod
    def of_this_process(cls) -> "ForkedZygote":
        """The one whose descriptor and process id `fork_zygote` has appended to the command."""
        descriptor, pid = map(int, sys.argv[-2:])
        return cls(descriptor, pid)

    def names(self, count: int) -> list[int]:
        """The numbers of the given descriptors in the zygote."""
        return list(range(FIRST, FIRST + count))

    def start(self, program: int, log: int, given: Sequence[int]) -> None:
        """Let it run the `program`. Raises OSError if it has ended."""
        with self._socket as sock:
            socket.send_fds(sock, [b"1"], [program, log, *given])

    def poll(self) -> int | None:
        if self._code is None and select.select([self._pidfd], [], [], 0)[0]:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def wait(self, seconds: float | None = None) -> int:
        select.select([self._pidfd], [], [], seconds)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("zygote", seconds or 0)
        return code

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
