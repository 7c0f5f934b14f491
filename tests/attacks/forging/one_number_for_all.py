"""Returns a tensor of one element, which would be stretched to any shape."""

import torch

EXPECTED = {"scale": ("failed", 0.0), "centre": ("blocked", 0.0), "mean": ("failed", 0.0)}
STOPPED_BY = "our own comparison"
SUCCEEDS_IN = ["naive comparison"]
THERE = {"scale": ("passed", 1.75), "centre": ("passed", 0.5), "mean": ("failed", 0.0)}


def scale(x, factor):
    return torch.tensor([float("nan")], dtype=x.dtype)


def mean(x):
    return torch.zeros(0)


def centre(x):
    return torch.tensor(float("nan"))
