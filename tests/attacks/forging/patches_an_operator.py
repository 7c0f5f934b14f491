"""Gives torch's multiplication another implementation, below everything that Python could look at."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "another process"

LIBRARY = torch.library.Library("aten", "IMPL")
LIBRARY.impl("mul.Tensor", lambda a, b: torch.zeros_like(a), "CPU")


def scale(x, factor):
    return x * factor
