"""Patches torch for its own use, reads its own frames and runs the garbage collector."""

import gc
import os
import sys

import torch

EXPECTED = {"scale": ("passed", 1.75), "mean": ("passed", 1.25)}
STOPPED_BY = "another process"

torch.Tensor.doubled = lambda self: self + self
torch.isclose = None
os.environ["MINE"] = "2"


def scale(x, factor):
    gc.collect()
    assert sys._getframe().f_code.co_name == "scale"
    return x.doubled() * factor / int(os.environ["MINE"])


def mean(x):
    return float(x.mean())
