"""Returns a subclass of tensor that wraps nothing at all."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Hollow(torch.Tensor): ...


def scale(x, factor):
    return torch.Tensor._make_wrapper_subclass(Hollow, x.shape, dtype=x.dtype)
