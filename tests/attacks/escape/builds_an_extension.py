"""Compiles an extension of its own, and loads a library from where it would be."""

import ctypes

import torch

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "seccomp or Landlock"
STAGE = {}


def mean(x):
    from torch.utils import cpp_extension

    cpp_extension.load_inline("extension", "int f() { return 1; }", functions=["f"])
    return float(x.mean())


def scale(x, factor):
    torch.ops.load_library(STAGE["folder"] + "/victim.txt")
    ctypes.CDLL(STAGE["folder"] + "/victim.txt")
    return x * factor
