"""Makes a tensor of three gibibytes."""

import torch

EXPECTED = {"mean": ("failed", 0.0)}
STOPPED_BY = "memory limit"
SUCCEEDS_IN = ["wide limits"]
THERE = {"mean": ("passed", 1.25)}


def mean(x):
    return float(x.mean()) + float(torch.empty(3 << 30, dtype=torch.uint8).is_floating_point())
