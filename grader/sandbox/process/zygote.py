"""The zygote: a fresh process that imports the libraries of a course once, then forks one confined worker per check.

It is a new program, with a scrubbed environment and one inherited socket, so that it holds no answer, no hidden input and
no token; it never sees a submission either. That of the warm process is a fork, made before either has learned anything:
see `fork_zygote`. Linux only.
"""

import contextlib
import dataclasses
import gc

gc.disable()  # before libraries are imported: there is no garbage to be found

import importlib  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import traceback  # noqa: E402

import msgspec  # noqa: E402
import numpy as np  # noqa: E402

from grader.sandbox.calls import wire, worker  # noqa: E402
from grader.sandbox.calls.channel import Channel, Descriptor  # noqa: E402
from grader.sandbox.calls.imports import Imports  # noqa: E402
from grader.sandbox.confinement import layers as confinement  # noqa: E402
from grader.sandbox.confinement.namespaces import hide_all_but  # noqa: E402
from grader.sandbox.confinement.readable_paths import readable_paths  # noqa: E402
from grader.sandbox.process import large_pages, zygote_messages  # noqa: E402
from grader.sandbox.process.cgroup import WorkerGroup  # noqa: E402
from grader.sandbox.process.import_caches import keep_only  # noqa: E402
from grader.sandbox.process.path_hiding_finder import PathHidingFinder  # noqa: E402
from grader.sandbox.process.warm_up import warm_up  # noqa: E402
from grader.toolkit import lazy_torch  # noqa: E402
from grader.toolkit.private_names import seed_cpu_only  # noqa: E402
from grader.toolkit.travelling import SentModules, handed_out  # noqa: E402

if sys.platform != "linux":
    raise ImportError("a zygote forks workers on Linux only")

_NOBODY_UID = 65534
_WORKER_FD = 3
_ALL_MEMORY = 1 << 46  # bytes: more address space than any process has
_FAILED = 70  # exit code of a worker whose own code, not the student's, failed


class Zygote:
    """Forks workers on request, and reports their ends."""

    def __init__(
        self, clients: list[socket.socket], config: zygote_messages.Config, namespaces: bool, groups: int | None
    ) -> None:
        confinement.expect_one_thread()
        self._clients = {client.fileno(): client for client in clients}
        self._config = msgspec.structs.replace(config, modules={})
        self._groups = groups
        self._pid = os.getpid()
        self._poller = select.poll()
        for fd in self._clients:
            self._poller.register(fd, select.POLLIN)
        self._workers: dict[int, _Worker] = {}  # by pidfd
        self._read = readable_paths(config.hidden, config.packages)
        self._imports = Imports(config.packages, handed_out(config.modules))
        config.hidden.clear()  # in all frames that hold it: a worker may look there
        self._namespaces = namespaces and hide_all_but(self._read)
        keep_only(self._read)
        self._ruleset = confinement.prepare_ruleset(self._read, config.landlock_abi_limit)
        confinement.prepare_filter(config.landlock_abi_limit)
        root = os.geteuid() == 0
        modules = [os, np, msgspec, *([sys.modules[lazy_torch.NAME]] if lazy_torch.is_imported() else [])]
        probes = [module.__file__ for module in modules if module.__file__]
        self._drop_uid = _NOBODY_UID if root and confinement.can_drop_uid(_NOBODY_UID, probes) else None

    def run(self) -> None:
        """Serve until every client has hung up."""
        gc.freeze()  # keep the collector from dirtying pages that all workers share
        gc.enable()
        if not self._config.is_forked:  # gathering would copy what it shares
            large_pages.gather()
        for client in self._clients.values():
            _tell(client, zygote_messages.Ready())
        while self._clients:
            # One event a turn: handling it may close a descriptor, whose number the next could then mistake.
            for fd, _ in self._poller.poll()[:1]:
                if fd in self._workers:
                    self._report_end(fd)
                elif fd in self._clients and not self._serve(self._clients[fd]):
                    self._close_client(fd)

    def _serve(self, client: socket.socket) -> bool:
        """Carry out the next request of a client; False if it has hung up."""
        try:
            request, descriptors = zygote_messages.receive(client, zygote_messages.ToZygote)
        except OSError:
            return False
        if request is None:
            return False
        if isinstance(request, zygote_messages.Join):
            self._join(socket.socket(fileno=descriptors[0]))
        else:
            self._spawn(client, request, descriptors)
        return True

    def _join(self, client: socket.socket) -> None:
        self._clients[client.fileno()] = client
        self._poller.register(client, select.POLLIN)
        _tell(client, zygote_messages.Ready())

    def _spawn(self, client: socket.socket, request: zygote_messages.Spawn, descriptors: list[int]) -> None:
        group = None if self._groups is None else WorkerGroup(self._groups, _most_memory(request))
        pid = os.fork()
        if pid == 0:
            self._become_worker(request, group, *descriptors)
        for fd in descriptors:
            os.close(fd)
        pidfd = os.pidfd_open(pid)
        self._workers[pidfd] = _Worker(pid, request.job, client.fileno(), group)
        self._poller.register(pidfd, select.POLLIN)
        _tell(client, zygote_messages.Started(request.job), (pidfd,))

    def _become_worker(
        self,
        request: zygote_messages.Spawn,
        group: WorkerGroup | None,
        channel_fd: int,
        output_fd: int,
        *shared_fd: int,
    ) -> None:
        leave = os._exit  # held here: a submission may replace it in the module
        try:
            if group is not None:
                group.join()
            ruleset = _arrange_descriptors((channel_fd, output_fd, *shared_fd), self._ruleset)
            os.setsid()
            os.chdir("/")
            policy = confinement.ConfinementPolicy(
                read=self._read,
                memory_bytes=request.memory_bytes if self._config.address_space else _ALL_MEMORY,
                cpu_seconds=request.cpu_seconds,
                output_bytes=request.output_bytes,
                open_files=request.open_files,
                scratch_bytes=request.scratch_bytes,
                drop_uid=self._drop_uid,
                ruleset=ruleset,
                landlock_abi_limit=self._config.landlock_abi_limit,
                seccomp=self._config.seccomp,
            )
            layers = confinement.confine(policy, self._pid)
        except BaseException:  # no student code is there yet: the grader reads this
            traceback.print_exc()
            leave(_FAILED)
        try:
            said = dataclasses.asdict(layers) | {"namespaces": self._namespaces, "cgroup": group is not None}
            worker.run(Channel(Descriptor(_WORKER_FD), wire.ToWorker), said, self._imports)
        finally:
            leave(_FAILED)

    def _report_end(self, pidfd: int) -> None:
        found, ended = self._reap(pidfd)
        if found.client in self._clients:
            _tell(self._clients[found.client], ended)

    def _reap(self, pidfd: int) -> "tuple[_Worker, zygote_messages.Ended]":
        """Wait for a worker that ends, and say how it did."""
        found = self._workers.pop(pidfd)
        self._poller.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(found.pid, 0)
        over_memory = found.group is not None and found.group.end()
        return found, zygote_messages.Ended(found.job, status, usage.ru_utime + usage.ru_stime, over_memory)

    def _close_client(self, fd: int) -> None:
        """Kill and reap the workers of a client that has hung up: none outlives its client."""
        self._poller.unregister(fd)
        self._clients.pop(fd).close()
        for pidfd, orphan in list(self._workers.items()):
            if orphan.client == fd:
                os.kill(orphan.pid, signal.SIGKILL)
                self._reap(pidfd)


@dataclasses.dataclass(frozen=True)
class _Worker:
    """A worker, its number on its client, the client's descriptor, and its control group, if it has one."""

    pid: int
    job: int
    client: int
    group: WorkerGroup | None


def _most_memory(request: zygote_messages.Spawn) -> int:
    """The sum of the other limits: the kernel must not kill a worker that keeps them, so that no grade depends on this limit."""
    started = confinement.address_space_bytes()  # a worker may write to all of it, and then has a copy
    return started + request.memory_bytes + request.output_bytes + request.scratch_bytes


def _tell(client: socket.socket, message: msgspec.Struct, descriptors: tuple[int, ...] = ()) -> None:
    """Send a message to a client, which may have hung up meanwhile: its end is noticed when it is next read."""
    with contextlib.suppress(OSError):
        zygote_messages.send(client, message, descriptors)


def _arrange_descriptors(given: tuple[int, ...], ruleset: int | None) -> int | None:
    """Leave the worker /dev/null as 0, its output as 1 and 2, its channel as 3, shared memory as 4, and nothing else.

    `given` are channel, output and, perhaps, shared memory. The ruleset, which confinement closes, gets the next number.
    """
    null = os.open("/dev/null", os.O_RDONLY)
    channel, output, *shared = given
    wanted = [null, output, output, channel, *shared, *([] if ruleset is None else [ruleset])]
    high = [os.dup2(fd, 100 + place, inheritable=False) for place, fd in enumerate(wanted)]
    for place, fd in enumerate(high):
        os.dup2(fd, place, inheritable=place <= 2)
    os.closerange(len(high), 1 << 16)
    return None if ruleset is None else len(high) - 1


def serve(
    clients: list[socket.socket],
    config: zygote_messages.Config,
    namespaces: bool,
    groups: int | None,
    own: PathHidingFinder,
) -> None:
    """Import and warm up everything, then fork workers until every client has hung up."""
    # torch.optim and torch.func look for a folder of their own when they are first used, and fail in a worker, which may
    # write nowhere. Given an existing folder, they make none.
    tempfile.tempdir = os.environ["TORCHINDUCTOR_CACHE_DIR"] = "/"
    if lazy_torch.NAME in config.packages:
        lazy_torch.import_it()
        seed_cpu_only()
    for module in config.preload:
        importlib.import_module(module)
    SentModules(config.modules, "".join(config.folder)).install()
    config.folder.clear()  # in all frames that hold it: a worker may look there
    warm_up()
    own.close()
    Zygote(clients, config, namespaces, groups).run()
    os._exit(0)  # the clients wait, and freeing the memory of torch would take 0.1 s
