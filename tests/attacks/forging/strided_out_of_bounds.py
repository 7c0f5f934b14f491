"""Returns a tensor that claims memory beyond its storage, which is already freed."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "another process"


def scale(x, factor):
    result = torch.zeros(x.shape, dtype=x.dtype)
    result.untyped_storage().resize_(0)
    return result
