"""Faults of the machine, made on purpose: processes killed at random moments, and what a grading leaves behind."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path


def children(pid):
    """The processes that a process has started and not reaped."""
    lists = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            lists += path.read_text().split()
    return {int(child) for child in lists}


def descriptors():
    """What this process holds open, memory files among them: numbers by kind."""
    found = Counter()
    for path in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found[os.readlink(path).partition(":[")[0]] += 1
    return found


def is_running(pid):
    """Whether a process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def are_gone(pids):
    """Wait for the ends of processes; False if one lives on."""
    deadline = time.monotonic() + 20
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(is_running, pids))


class Killer:
    """Kills zygotes and workers of a sandbox at random moments, no two workers in one check.

    Two workers killed in the same check would be taken for the submission's doing, as they should be.
    """

    def __init__(self, sandbox, seed):
        self.seen = {sandbox.pid}
        self.killed = {"zygote": 0, "worker": 0}
        self._sandbox = sandbox
        self._random = random.Random(seed)
        self._check = 0
        self._spared = -1  # the check in which a worker was killed already
        self._next = 0  # the check from which on a zygote may be killed: sometimes at once, while it starts
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def progress(self, title, exercise, done, count):
        """Told by the grading before each check."""
        self._check += 1

    def _run(self):
        while not self._stop.wait(self._random.uniform(0.0, 3.0)):
            zygote = self._sandbox.pid
            workers = children(zygote)
            self.seen |= {zygote} | workers
            if self._random.random() < 0.3 and self._check >= self._next:
                self._next = self._check + self._random.choice([0, 2, 5])
                self._kill("zygote", zygote)
            elif workers and self._spared != self._check:
                self._spared = self._check
                self._kill("worker", self._random.choice(sorted(workers)))

    def _kill(self, kind, pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[kind] += 1

    @contextmanager
    def at_work(self):
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()
            self.seen |= {self._sandbox.pid} | children(self._sandbox.pid)
