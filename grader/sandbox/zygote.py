"""The zygote: a fresh process that imports torch once, then forks one confined worker per check.

It is exec'ed, never forked from the trusted process, with a scrubbed environment and one inherited socket, so that it
holds no answer, no hidden input and no token; it never sees a submission either. Linux only.
"""

import contextlib
import ctypes
import dataclasses
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback

import msgspec
import numpy as np
import torch

from grader.sandbox import confinement, control, wire, worker
from grader.sandbox.channel import Channel, Descriptor

NOBODY = 65534
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_WORKER_FD = 3
_FAILED = 70  # exit code of a worker whose own code, not the student's, failed


def warm_up() -> None:
    """Touch what torch loads lazily and nearly every submission needs, once for all workers."""
    torch.set_num_threads(1)
    net = torch.nn.Linear(2, 3)
    loss = torch.nn.functional.cross_entropy(net(torch.zeros(2, 2)), torch.tensor([0, 1]))
    loss.backward()  # type: ignore[no-untyped-call]
    torch.linalg.eigvalsh(torch.eye(2, dtype=torch.float64))
    str(torch.zeros(3))
    np.linalg.eigvalsh(np.eye(2))


class Zygote:
    """Forks workers on request, and reports their ends."""

    def __init__(self, sock: socket.socket, config: control.Config) -> None:
        self._control = sock
        self._config = config
        self._pid = os.getpid()
        self._poller = select.poll()
        self._poller.register(sock, select.POLLIN)
        self._workers: dict[int, tuple[int, int]] = {}  # pidfd -> (pid, job)
        self._read = confinement.readable_paths(config.hidden)
        root = os.geteuid() == 0
        probes = [path for path in (os.__file__, torch.__file__, msgspec.__file__) if path]
        self._drop_uid = NOBODY if root and confinement.can_drop_uid(NOBODY, probes) else None
        self._keeps_uid = root and self._drop_uid is None

    def run(self) -> None:
        """Serve until the trusted process hangs up."""
        gc.collect()
        gc.freeze()  # keep the collector from dirtying pages that all workers share
        threads = len(os.listdir("/proc/self/task"))
        control.send(self._control, control.Ready(threads, self._keeps_uid))
        while True:
            for fd, _ in self._poller.poll():
                if fd != self._control.fileno():
                    self._report_end(fd)
                elif not self._spawn():
                    self._end_all()
                    return

    def _spawn(self) -> bool:
        request, descriptors = control.receive(self._control, control.Spawn)
        if request is None:
            return False
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, *descriptors)
        for fd in descriptors:
            os.close(fd)
        pidfd = os.pidfd_open(pid)
        self._workers[pidfd] = (pid, request.job)
        self._poller.register(pidfd, select.POLLIN)
        control.send(self._control, control.Started(request.job, pid), (pidfd,))
        return True

    def _become_worker(self, request: control.Spawn, channel_fd: int, output_fd: int, *shared_fd: int) -> None:
        leave = os._exit  # held here: a submission may replace it in the module
        code = _FAILED
        try:
            _arrange_descriptors(channel_fd, output_fd, *shared_fd)
            os.setsid()
            os.chdir("/")
            policy = confinement.Policy(
                read=self._read,
                memory_bytes=request.memory_bytes,
                cpu_seconds=request.cpu_seconds,
                output_bytes=request.output_bytes,
                open_files=request.open_files,
                drop_uid=self._drop_uid,
                landlock_abi_limit=self._config.landlock_abi_limit,
                seccomp=self._config.seccomp,
            )
            layers = confinement.confine(policy, self._pid)
            worker.run(Channel(Descriptor(_WORKER_FD), wire.Request), dataclasses.asdict(layers))
        except BaseException:
            with contextlib.suppress(BaseException):
                traceback.print_exc()
        finally:
            leave(code)

    def _report_end(self, pidfd: int) -> None:
        pid, job = self._workers.pop(pidfd)
        self._poller.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(pid, 0)
        ended = control.Ended(job, status, usage.ru_utime + usage.ru_stime)
        with contextlib.suppress(BrokenPipeError):
            control.send(self._control, ended)

    def _end_all(self) -> None:
        """Kill and reap every worker: none outlives its zygote."""
        for pid, _ in self._workers.values():
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        for pid, _ in self._workers.values():
            while time.monotonic() < deadline and os.waitpid(pid, os.WNOHANG) == (0, 0):
                time.sleep(0.001)


def _arrange_descriptors(channel_fd: int, output_fd: int, *shared_fd: int) -> None:
    """Leave the worker /dev/null as 0, its output as 1 and 2, its channel as 3, shared memory as 4, and nothing else."""
    null = os.open("/dev/null", os.O_RDONLY)
    wanted = (null, output_fd, output_fd, channel_fd, *shared_fd)
    high = [os.dup2(fd, 100 + place, inheritable=False) for place, fd in enumerate(wanted)]
    for place, fd in enumerate(high):
        os.dup2(fd, place, inheritable=place <= 2)
    os.closerange(len(high), 1 << 16)


def main() -> None:
    """Start the zygote: `sys.argv` holds the control socket's descriptor and the Config as JSON."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the trusted process, which then hangs up
    sock = socket.socket(fileno=int(sys.argv[1]))
    config = msgspec.json.decode(sys.argv[2], type=control.Config)
    for module in config.preload:
        importlib.import_module(module)
    warm_up()
    Zygote(sock, config).run()
