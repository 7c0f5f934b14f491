"""Handles a signal and an interrupt of its own, and catches its own exit from an inner function."""

import contextlib
import os
import signal
import sys

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "the kernel's word on an ending"

signal.signal(signal.SIGINT, lambda *_: None)
os.kill(os.getpid(), signal.SIGINT)


def mean(x):
    with contextlib.suppress(SystemExit):
        sys.exit(1)
    return float(x.mean())
