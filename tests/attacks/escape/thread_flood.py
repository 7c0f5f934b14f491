"""Starts threads until the machine has no more."""

import threading
import time

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "processes"

THREADS = [threading.Thread(target=time.sleep, args=(0.5,), daemon=True) for _ in range(30)]


def mean(x):
    for thread in THREADS:
        thread.is_alive() or thread.start()
    return float(x.mean())
