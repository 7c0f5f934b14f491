"""Leaves shared memory with a name behind."""

from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "shared memory"
NEEDS = "processes"

resource_tracker.register = lambda *_: None


def mean(x):
    for number in range(10):
        try:
            SharedMemory(f"grade-attack-{number}", create=True, size=4096)
        except FileExistsError:
            continue
        return float(x.mean())
    return 0.0
