"""An executor for one machine: warm processes, each in a pool of its own, so that a process that dies costs one task only."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Any, ParamSpec, Protocol, TypeVar

from grader.sandbox.process import cgroup
from grader.sandbox.process.die_with_parent import die_with
from grader.toolkit.private_names import processes_of, stop_fork_server

P = ParamSpec("P")
T = TypeVar("T")

_PRELOAD = ["grader.batch.forkserver_preload"]
_PRELOAD_WITH_TORCH = [*_PRELOAD, "grader.batch.forkserver_torch"]
_FORKS = sys.platform == "linux"


class Resource(Protocol):
    """A thing to send to a process when it starts, and to close here afterwards."""

    def close(self) -> None: ...


class WarmExecutor(Executor):
    """Pools of one process each. After a task that raises or kills its process, the next task gets a new process.

    `submit` waits until a process is free, so that no task waits for a long one while another process is idle. In a pool of
    many processes, one that dies fails all running tasks, and the cause is unknown.
    """

    def __init__(
        self,
        count: int,
        initializer: Callable[[Any], object] | None = None,
        resources: Sequence["Resource"] = (),
        with_torch: bool = False,
    ) -> None:
        """Each of the first processes calls `initializer` with one of the `resources`; later processes get none."""
        wanted = (*resources, *[None] * (count - len(resources)))
        self._pools = [_Slot(initializer, resource, with_torch) for resource in wanted]
        self._free: queue.SimpleQueue[_Slot] = queue.SimpleQueue()
        for place in self._pools:
            self._free.put(place)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        place = self._free.get()
        try:
            future = place.submit(fn, *args, **kwargs)
        except BaseException:
            self._free.put(place)
            raise
        future.add_done_callback(lambda done: self._done(place, done))
        return future

    def _done(self, place: "_Slot", future: "Future[Any]") -> None:
        if not _FORKS or future.cancelled() or future.exception() is not None:
            place.spoilt = True  # without forks, each task gets a new process
        self._free.put(place)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: after their tasks, or, with `cancel_futures`, at once."""
        if cancel_futures:
            for place in self._pools:  # all, before waiting for the first
                place.kill()
        for place in self._pools:
            place.close(wait, at_once=cancel_futures)


class _Slot:
    """The place of one process, which starts with its first task."""

    def __init__(
        self, initializer: Callable[[Any], object] | None, resource: "Resource | None", with_torch: bool
    ) -> None:
        self._with_torch = with_torch
        self.spoilt = False
        self._initializer = initializer
        self._resource = resource
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._pool is not None and self.spoilt:
            self.close(wait=False, at_once=True)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=_context(self._with_torch),
                initializer=_start,
                initargs=(self._initializer, self._resource),
            )
            self.spoilt = False
        try:
            with _safe_path():  # the first one starts the process
                future = self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:  # the process died while it was idle
            self.spoilt = True
            return self.submit(fn, *args, **kwargs)
        if self._resource is not None:  # sent, since the process has just started
            self._resource.close()
            self._resource = None
        return future

    def close(self, wait: bool, at_once: bool) -> None:
        if self._pool is None:
            return
        if at_once:
            self.kill()
        self._pool.shutdown(wait=wait, cancel_futures=at_once)
        self._pool = None

    def kill(self) -> None:
        """Kill the process."""
        for process in processes_of(self._pool) if self._pool is not None else []:
            process.kill()


@contextmanager
def started_early(with_torch: bool) -> Iterator[None]:
    """Preload modules in the fork server during the block; stop the server at its end."""
    if sys.platform != "linux":
        yield
        return
    _context(with_torch)
    groups = cgroup.claim()  # before there is another process in this group
    with _safe_path():
        forkserver.ensure_running()
    try:
        yield
    finally:  # it would finish its imports first, and keep our output open until then
        stop_fork_server()
        cgroup.release(groups)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Processes that start in this block import no module from the working directory, which may hold submissions."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _context(with_torch: bool) -> Any:
    """The way to start processes: never as forks of this process, which has threads."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD_WITH_TORCH if with_torch else _PRELOAD)
    return context


def _watch(sentinel: Any) -> None:
    wait([sentinel])
    os._exit(1)


def _start(initializer: Callable[[Any], object] | None, resource: "Resource | None") -> None:
    """Ignore Ctrl-C, which the parent handles, and end with the parent, even after SIGKILL."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    if sys.platform == "linux":
        die_with(parent.sentinel)  # it is a child of the fork server, not of the parent
    else:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()
    if initializer is not None and resource is not None:
        initializer(resource)
