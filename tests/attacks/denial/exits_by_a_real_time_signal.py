"""Ends by unusual signals: a real-time signal, a disk signal, a child signal."""

import os
import signal

EXPECTED = {"mean": ("crashed", 0.0), "scale": ("crashed", 0.0), "shift_in_place": ("crashed", 0.0)}
STOPPED_BY = "the kernel's word on an ending"


def mean(x):
    os.kill(os.getpid(), signal.SIGRTMAX)


def scale(x, factor):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGXFSZ)


def shift_in_place(params, amount):
    os.kill(os.getpid(), signal.SIGTERM)
