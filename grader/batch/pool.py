"""An executor for one machine: processes that stay warm, each on its own, so that one that is lost costs only its own task."""

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

P = ParamSpec("P")
T = TypeVar("T")

_PRELOAD = ["grader.batch.warm"]
_FORKS = sys.platform == "linux"


class Gift(Protocol):
    """What goes to a process when it is started, and is closed here as soon as it has gone."""

    def close(self) -> None: ...


class WarmProcesses(Executor):
    """Pools of one process each. A task that raises, or takes its process with it, leaves a fresh process to the next.

    `submit` waits until a process is free, so that no task is queued behind a long one while another process is idle. In one
    pool of many processes, a process that dies would take the tasks of all others with it, and nobody could tell whose it was.
    """

    def __init__(
        self, count: int, initializer: Callable[[Any], object] | None = None, gifts: Sequence["Gift"] = ()
    ) -> None:
        """Each of the first processes calls `initializer` with one of the `gifts`; those that replace them get none."""
        self._pools = [_Place(initializer, gift) for gift in (*gifts, *[None] * (count - len(gifts)))]
        self._free: queue.SimpleQueue[_Place] = queue.SimpleQueue()
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

    def _done(self, place: "_Place", future: "Future[Any]") -> None:
        if not _FORKS or future.cancelled() or future.exception() is not None:
            place.spoilt = True  # where none is forked for it, each task gets a process that is new
        self._free.put(place)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: after their tasks, or, with `cancel_futures`, at once."""
        if cancel_futures:
            for place in self._pools:  # all before any is waited for
                place.kill()
        for place in self._pools:
            place.close(wait, at_once=cancel_futures)


class _Place:
    """Where one process is, or will be once there is a task for it."""

    def __init__(self, initializer: Callable[[Any], object] | None, gift: "Gift | None") -> None:
        self.spoilt = False
        self._initializer = initializer
        self._gift = gift
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._pool is not None and self.spoilt:
            self.close(wait=False, at_once=True)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1, mp_context=_context(), initializer=_begin, initargs=(self._initializer, self._gift)
            )
            self.spoilt = False
        try:
            with _safe_path():  # the first one starts the process
                future = self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:  # it died while it had nothing to do
            self.spoilt = True
            return self.submit(fn, *args, **kwargs)
        if self._gift is not None:  # it has gone with the process, which was started just now
            self._gift.close()
            self._gift = None
        return future

    def close(self, wait: bool, at_once: bool) -> None:
        if self._pool is None:
            return
        if at_once:
            self.kill()
        self._pool.shutdown(wait=wait, cancel_futures=at_once)
        self._pool = None

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        for process in list((getattr(self._pool, "_processes", None) or {}).values()):
            process.kill()


@contextmanager
def started_early() -> Iterator[None]:
    """Have what all processes need imported from now on, while this one is busy otherwise; afterwards nobody imports any more."""
    if sys.platform != "linux":
        yield
        return
    _context()
    groups = cgroup.claim()  # before there is another process in ours
    with _safe_path():
        forkserver.ensure_running()
    try:
        yield
    finally:  # it would look up only when everything is imported, and hold on to our output until then
        server: Any = forkserver._forkserver  # type: ignore[attr-defined,unused-ignore]
        os.kill(server._forkserver_pid, signal.SIGKILL)
        server._stop()
        cgroup.release(groups)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Whatever is started meanwhile takes no module from the working directory, which may be that of the submissions.

    Python would look there first.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _context() -> Any:
    """How processes are started: never as forks of this one, which has threads."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


def _watch(sentinel: Any) -> None:
    wait([sentinel])
    os._exit(1)


def _begin(initializer: Callable[[Any], object] | None, gift: "Gift | None") -> None:
    """Leave Ctrl-C to the parent, and end when it is gone, even by SIGKILL: a pool's process would wait for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    if sys.platform == "linux":
        die_with(parent.sentinel)  # it is no child of the parent's, but of the server of all processes
    else:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()
    if initializer is not None and gift is not None:
        initializer(gift)
