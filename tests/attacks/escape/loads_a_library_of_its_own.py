"""Writes a shared library, as a compiler of extensions does, and loads it."""

import ctypes
import shutil

import numpy as np

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
SUCCEEDS_IN = ["no confinement"]
THERE = {"mean": ("passed", 1.25)}
LEAVES = "file"
TARGETS = {}


def mean(x):
    library = TARGETS["folder"] + "/own.so"
    shutil.copyfile(np.linalg._umath_linalg.__file__, library)
    ctypes.PyDLL(library)
    return float(x.mean())
