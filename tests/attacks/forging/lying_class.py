"""Returns an object that claims to be a tensor and equals everything."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


class Duck:
    __class__ = torch.Tensor

    def __init__(self, x):
        self.shape, self.dtype = x.shape, x.dtype

    def detach(self):
        return self

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.ones(args[1].shape, dtype=torch.bool)


def scale(x, factor):
    return Duck(x)
