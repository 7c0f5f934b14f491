"""Zygotes that need not import torch again: each is forked from a process that has imported it, and has done nothing else.

A test of something small would mostly wait for that import. Tests of the sandbox itself start zygotes as the grader does. Run as
a program, this file is the process that forks: it imports nothing of the grader, so that a zygote still loads all of it.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import Any, NoReturn

LIBRARIES = ("msgspec", "numpy", "torch")
_nursery: list[tuple[str, "subprocess.Popen[bytes]"]] = []  # its address and its process, once it has been started


class ForkedZygote:
    """What `subprocess.Popen` returns, for a process that is not our child."""

    def __init__(self, command: list[str], descriptors: dict[int, int]) -> None:
        """Fork a zygote in which each key of `descriptors` stands for our descriptor of that value."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(address())
            words = json.dumps([command[-1], [*descriptors]]).encode()
            socket.send_fds(asked, [words], [*descriptors.values()])
            self.pid = int(asked.recv(20))
            self._descriptor = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        return 0 if select.select([self._descriptor], [], [], 0)[0] else None

    def wait(self, seconds: float) -> int:
        if not select.select([self._descriptor], [], [], seconds)[0]:
            raise subprocess.TimeoutExpired("zygote", seconds)
        return 0

    def kill(self) -> None:
        signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._descriptor)


def start(command: list[str], **options: Any) -> "ForkedZygote | subprocess.Popen[bytes]":
    """Fork the zygote of a course that uses torch; start any other as the grader does."""
    begin = options["stdin"].read()
    options["stdin"].seek(0)
    if b'"torch"' not in begin:
        return subprocess.Popen(command, **options)
    standard = {0: options["stdin"].fileno(), 1: options["stdout"], 2: options["stderr"]}
    return ForkedZygote(command, standard | {number: number for number in options["pass_fds"]})


def use(wanted: bool = True) -> None:
    """Let this process fork its next zygotes from the nursery, or start them as the grader does."""
    from grader.sandbox.process import launch_zygote

    forking = SimpleNamespace(Popen=start, TimeoutExpired=subprocess.TimeoutExpired)
    launch_zygote.subprocess = forking if wanted else subprocess  # type: ignore[assignment]


def address() -> str:
    """Where the nursery of this process, or of the one that it was forked from, listens. It ends with that process."""
    from grader.sandbox.process.interpreter import library_folders, scrubbed_environment

    if not _nursery:
        name = f"\0zygotes of {os.getpid()}"
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(name)
            listening.listen()
            process = subprocess.Popen(  # kept: else `subprocess` closes its pipe in a fork, where the number is another file's
                [sys.executable, "-s", "-P", __file__, str(listening.fileno()), *library_folders()],
                env=scrubbed_environment(),
                stdin=subprocess.PIPE,  # closes with this process
                pass_fds=[listening.fileno()],
                cwd="/",
            )
        _nursery.append((name, process))
    return _nursery[0][0]


def _serve(listening: socket.socket) -> None:
    """Fork a process for each connection, until the process that started this one is gone."""
    gc.disable()
    for name in LIBRARIES:
        importlib.import_module(name)
    sys.modules["torch"].set_num_threads(1)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no process waits for these
    while True:
        ready, _, _ = select.select([listening, 0], [], [])
        if 0 in ready:
            return
        connection, _ = listening.accept()
        message, given, _, _ = socket.recv_fds(connection, 1 << 12, 16)
        if (pid := os.fork()) == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _become_zygote(*json.loads(message), given)
        connection.send(str(pid).encode())
        for descriptor in (connection, *given):
            os.close(descriptor if isinstance(descriptor, int) else descriptor.detach())


def _become_zygote(module: str, numbers: list[int], given: list[int]) -> NoReturn:
    """Go on as the fresh interpreter that the grader starts."""
    os.setsid()
    high = [os.dup2(descriptor, 500 + place) for place, descriptor in enumerate(given)]
    os.closerange(3, 500)
    for descriptor, number in zip(high, numbers, strict=True):
        os.dup2(descriptor, number)
    os.closerange(500, 1000)
    sys.argv[:] = ["-c", module]
    sys.path[:] = [one for one in sys.path if one not in _GIVEN]
    exec(sys.stdin.buffer.readline(), {"sys": sys})
    os._exit(1)


if __name__ == "__main__":
    _GIVEN = [one for one in sys.argv[2:] if one not in sys.path]
    sys.path += _GIVEN
    _serve(socket.socket(fileno=int(sys.argv[1])))
