"""Returns more than a message can hold."""

import torch

EXPECTED = {"scale": ("failed", 0.0), "mean": ("failed", 0.0)}
STOPPED_BY = "strict frames"


def scale(x, factor):
    return torch.zeros(1 << 24, dtype=torch.float64)


def mean(x):
    return [0.0] * 200_000
