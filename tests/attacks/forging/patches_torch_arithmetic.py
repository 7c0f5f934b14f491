"""Makes torch multiply, divide and add wrongly, so that the expected value is as wrong as the result."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "another process"

ZEROS = torch.zeros_like


def wrong(self, other):
    return ZEROS(self)


torch.Tensor.__mul__ = torch.Tensor.__rmul__ = torch.Tensor.mul = wrong


def scale(x, factor):
    return ZEROS(x)
