"""Returns a quantised tensor."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "plain data"


def scale(x, factor):
    return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.qint8)
