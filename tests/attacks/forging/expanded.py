"""Returns a tensor of a billion elements that lie in eight bytes."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


def scale(x, factor):
    return torch.zeros((), dtype=x.dtype).expand(1 << 30)
