"""Returns read-only arrays of mapped files, whose memory disappears before the grader reads it."""

import mmap

import numpy as np

EXPECTED = {"scale": ("failed", 0.0), "mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


def scale(x, factor):
    memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)
    return np.frombuffer(memory, np.float64, x.numel()).reshape(tuple(x.shape))


def mean(x):
    return np.memmap("/dev/null", np.float64, "r", shape=(1,))
