"""Replaces torch's multiplication below the level of Python."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "another process"

LIBRARY = torch.library.Library("aten", "IMPL")
LIBRARY.impl("mul.Tensor", lambda a, b: torch.zeros_like(a), "CPU")


def scale(x, factor):
    return x * factor
