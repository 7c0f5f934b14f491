"""Sends itself the signals that the kernel uses for "out of memory" and "out of time"."""

import os
import signal

EXPECTED = {"mean": ("failed", 0.0), "scale": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    os.kill(os.getpid(), signal.SIGKILL)


def scale(x, factor):
    os.kill(os.getpid(), signal.SIGXCPU)
