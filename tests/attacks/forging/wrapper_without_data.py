"""Returns a subclass of tensor without data."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Hollow(torch.Tensor): ...


def scale(x, factor):
    return torch.Tensor._make_wrapper_subclass(Hollow, x.shape, dtype=x.dtype)
