"""Returns complex numbers with the right real part."""

import torch

EXPECTED = {"scale": ("failed", 0.0), "mean": ("failed", 0.0)}
STOPPED_BY = "our own comparison"


def scale(x, factor):
    return torch.complex(x * factor, torch.ones_like(x))


def mean(x):
    return complex(float(x.mean()), 1)
