"""Watches a folder, to see each file that the grader uses in it."""

import ctypes

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp"
SUCCEEDS_IN = ["Landlock alone", "no confinement"]
THERE = {"mean": ("passed", 1.25)}
TARGETS = {}


def mean(x):
    libc, every_event = ctypes.CDLL(None), 0xFFF
    watch = libc.inotify_add_watch(libc.inotify_init1(0), TARGETS["folder"].encode(), every_event)
    return float(x.mean()) if watch >= 0 else 0.0
