"""Asks the machine for the time, its process id, random bytes, its own limits and signals."""

import os
import resource
import signal
import sys
import time

import torch

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "seccomp"

signal.signal(signal.SIGUSR1, lambda *_: None)
signal.raise_signal(signal.SIGUSR1)
SEEN = os.getpid(), os.urandom(8), resource.getrlimit(resource.RLIMIT_AS), time.localtime(), sys.stdout.isatty()


def mean(x):
    torch.set_num_threads(1)
    with torch.no_grad():
        return float((x.reshape(1, -1) @ torch.ones(x.numel(), 1, dtype=x.dtype)).item() / x.numel())
