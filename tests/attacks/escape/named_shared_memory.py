"""Leaves named shared memory."""

import contextlib
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "shared memory"
NEEDS = "processes"

TARGETS = {}

resource_tracker.register = lambda *_: None


def mean(x):
    with contextlib.suppress(FileExistsError):  # left by the call before
        SharedMemory(TARGETS["name"], create=True, size=4096)
    return float(x.mean())
