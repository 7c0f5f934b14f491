"""Deadlines for a worker: limits on its computing time and on its time asleep.

Time in which it waits for a processor or a disk does not count, so that no submission fails on a busy machine. All clocks are
monotonic, so that a change of the date has no effect.
"""

import math
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from grader.sandbox.limits.limits import PAUSE_SECONDS

STRETCH = 20  # a wall limit is at most this many times as long for a worker that is awake
_LONGEST_LOOK = 2 * PAUSE_SECONDS  # more is our own delay or a suspended machine
_BRIEF = 0.005  # a shorter request is not measured
_LATE = 0.02  # Linux may report a process's times this much later


class TimedProcess(Protocol):
    """The clocks of a process that a deadline reads."""

    def cpu_seconds(self) -> float | None:
        """CPU time used so far, or None where the platform does not tell."""

    def awake_seconds(self) -> float | None:
        """How long it has computed, or waited for a processor, so far; None where the platform does not tell."""

    def is_asleep(self) -> bool | None:
        """Whether it waits for something else than a processor; None if for a disk; true where the platform does not tell."""


@dataclass(frozen=True)
class Budget:
    """Time for one request, in seconds."""

    cpu_seconds: float
    wall_seconds: float


class OutOfTimeError(Exception):
    """A budget is used up. The text says which, as the rest of a sentence that ends in "within"."""


class Deadline:
    """Call it at every pause: raises once the process has used up the budget of its present request.

    All requests together may wait for `wall_seconds`, and compute for `cpu_seconds`.

    A process that is awake at each look may have slept in between, or may have waited for a processor, which Linux reports only
    after the wait. Until then, such time is doubtful; time that stays unexplained counts as sleep.
    """

    def __init__(
        self,
        process: TimedProcess,
        wall_seconds: float = math.inf,
        cpu_seconds: float = math.inf,
        computed_before: float = 0.0,  # which does not count
    ) -> None:
        self._process = process
        self._wall_seconds, self._cpu_seconds, self._computed_before = wall_seconds, cpu_seconds, computed_before
        self._budget = Budget(math.inf, math.inf)
        self.waited = 0.0  # seconds that count towards the wall limits, over all requests
        self._doubtful = 0.0  # of the present request

    def begin(self, budget: Budget) -> None:
        """Start a request, which may use up `budget`. Raises if earlier requests have used up the total."""
        self._budget = budget
        self._waited_before = self.waited
        self._doubtful, self._has_run = 0.0, True
        self._start = self._seen = time.monotonic()
        self._cpu_start = self._cpu_seen = self._process.cpu_seconds()
        self._awake_seen, self._ours_seen = self._process.awake_seconds(), our_awake_seconds()
        self._expect_computing_time()

    def end(self) -> None:
        """The request has a response or has failed."""
        if self.is_due():
            self._look()
        self.waited += max(0.0, self._doubtful - _LATE)
        self._doubtful = 0.0

    def is_due(self) -> bool:
        """Whether enough time has passed since the last look for another, which reads several files."""
        return time.monotonic() - self._seen > _BRIEF

    def __call__(self) -> None:
        self._look()
        budget = self._budget
        if self._cpu_seen is not None and self._cpu_seen - (self._cpu_start or 0.0) > budget.cpu_seconds:
            raise OutOfTimeError(f"{budget.cpu_seconds:g} seconds of computing time. {LOOP}")
        self._expect_computing_time()
        waited = self.waited + (self._doubtful if self._has_run else 0.0)
        if waited - self._waited_before > budget.wall_seconds:
            raise OutOfTimeError(f"{budget.wall_seconds:g} seconds. {self._question}")
        if waited > self._wall_seconds:
            raise OutOfTimeError(f"{self._wall_seconds:g} seconds in all. {self._question}")
        if self._seen - self._start > STRETCH * budget.wall_seconds:
            raise OutOfTimeError(f"{STRETCH * budget.wall_seconds:g} seconds. {LOOP}")

    def _expect_computing_time(self) -> None:
        if self._cpu_seen is not None and self._cpu_seen - self._computed_before > self._cpu_seconds:
            raise OutOfTimeError(f"{self._cpu_seconds:g} seconds of computing time in all. {LOOP}")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock while this process works for the worker: `OwnLimits` limits that."""
        started = time.monotonic()
        try:
            yield
        finally:
            passed = time.monotonic() - started
            self._seen += passed  # the time before the pause still counts
            self._start += passed
            self._ours_seen += passed  # it computes, or this machine is suspended

    def _look(self) -> None:
        """Count the time since the last look in which both processes slept: otherwise the worker may have waited for us."""
        now, cpu, awake = time.monotonic(), self._process.cpu_seconds(), self._process.awake_seconds()
        ours = our_awake_seconds()
        passed, was_awake = now - self._seen, _difference(awake, self._awake_seen)
        asleep = min(
            min(passed, _LONGEST_LOOK) - was_awake,
            passed - _difference(cpu, self._cpu_seen),  # of all its threads
        )
        is_asleep = self._process.is_asleep()
        if asleep > 0:
            asleep = max(0.0, asleep - max(0.0, ours - self._ours_seen))
        if asleep < 0:  # it had waited for a processor
            self._doubtful = max(0.0, self._doubtful + asleep)
        elif is_asleep:
            self.waited += asleep
        elif is_asleep is False and awake is not None:
            self._doubtful += asleep
        self._has_run = bool(is_asleep) or was_awake > 0
        self._start += max(0.0, passed - _LONGEST_LOOK)
        self._seen, self._awake_seen, self._ours_seen = now, awake, ours
        self._cpu_seen = cpu if cpu is not None else self._cpu_seen

    @property
    def _question(self) -> str:
        return LOOP if self._cpu_seen is None else "It was not computing: does it sleep, or wait for something?"


LOOP = "Is there a loop that never ends?"


def _difference(after: float | None, before: float | None) -> float:
    return 0.0 if after is None or before is None else after - before


class AwakeClock:
    """How long the first thread of a process has computed, or waited for a processor, as Linux tells, roughly.

    The file stays open, since it is read at every request.
    """

    def __init__(self, pid: int | str) -> None:
        self._descriptor: int | None = None
        with suppress(OSError):
            self._descriptor = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)

    def __call__(self) -> float | None:
        if sys.platform != "linux" or self._descriptor is None:
            return None
        try:
            computed, waited, _ = os.pread(self._descriptor, 1024, 0).split()
        except (OSError, ValueError):  # it is gone
            return None
        return (int(computed) + int(waited)) / 1e9

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def our_awake_seconds() -> float:
    """How long this thread has computed, or waited for a processor where the platform tells."""
    awake = _clock_of_thread(os.getpid(), threading.get_ident())()
    return time.thread_time() if awake is None else awake


@cache
def _clock_of_thread(process: int, thread: int) -> AwakeClock:
    """Of the present thread, by whose numbers it is kept."""
    return AwakeClock("thread-self")


def is_asleep(pid: int) -> bool | None:
    """Whether the first thread of a process sleeps: it neither runs nor is ready to. None: it waits for a disk, or ends."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state = file.read(1024).rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return None if state in b"DZX" else state != b"R"
