"""Writes a module into the folder of installed packages, for the next Python process."""

import os

import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"


def mean(x):
    library = os.path.dirname(os.path.dirname(torch.__file__))
    descriptor = os.open(library, os.O_TMPFILE | os.O_WRONLY)  # a file without a name: harmless, if it were to succeed
    os.close(descriptor)
    return 0.0
