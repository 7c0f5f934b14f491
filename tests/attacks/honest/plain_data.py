"""Returns right answers as views, parameters, tensors with a graph, numpy types and subclasses."""

import numpy as np
import torch

EXPECTED = {"scale": ("passed", 1.75), "mean": ("passed", 1.25), "centre": ("passed", 0.5)}
STOPPED_BY = "plain data"


class Named(torch.Tensor): ...


def scale(x, factor):
    wide = torch.stack([x, x], -1).requires_grad_()
    return (wide * factor)[..., 0].as_subclass(Named)


def mean(x):
    return np.float64(x.mean())


def centre(x):
    return torch.nn.Parameter(x - mean(x))
