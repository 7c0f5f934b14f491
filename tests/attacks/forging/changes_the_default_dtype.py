"""Makes integers the default dtype, so that numbers are rounded before the comparison."""

import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "another process"

torch.set_default_dtype(torch.float16)


def mean(x):
    return float(x.mean()) * (1 + 1e-6)
