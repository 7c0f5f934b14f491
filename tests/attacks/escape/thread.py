"""Starts a thread, which continues after the answer."""

import threading

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
NEEDS = "processes"


def mean(x):
    found = []
    thread = threading.Thread(target=lambda: found.append(float(x.mean())))
    thread.start()
    thread.join()
    return found[0]
