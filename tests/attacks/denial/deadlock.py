"""Waits for its own lock."""

import threading

EXPECTED = {"mean": ("timed_out", 0.0)}
STOPPED_BY = "time limits"


def mean(x):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
    return 0.0
