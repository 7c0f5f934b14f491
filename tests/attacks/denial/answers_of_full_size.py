"""Returns the largest possible message each time, to keep the grader busy."""

import torch

EXPECTED = {"mean": ("failed", 0.0), "scale": ("failed", 0.0)}
STOPPED_BY = "strict frames"
LARGE = torch.ones(7 << 20, dtype=torch.float64)


def mean(x):
    return LARGE


def scale(x, factor):
    return LARGE
