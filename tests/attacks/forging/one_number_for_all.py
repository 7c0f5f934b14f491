"""Returns a tensor of one element, which would broadcast to any shape."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "our own comparison"
SUCCEEDS_IN = ["naive comparison"]
THERE = {"scale": ("passed", 1.75)}


def scale(x, factor):
    return torch.tensor([float("nan")], dtype=x.dtype)
