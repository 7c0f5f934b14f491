"""Returns tensors with dtypes that numpy does not have."""

import torch

EXPECTED = {"scale": ("failed", 0.0), "mean": ("failed", 0.0)}
STOPPED_BY = "plain data"


def scale(x, factor):
    return (x + factor).to(torch.bfloat16)


def mean(x):
    return x.to(torch.float8_e4m3fn)
