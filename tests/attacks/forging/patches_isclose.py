"""Makes torch call everything close."""

import torch

EXPECTED = {"scale": ("failed", 0.0)}
STOPPED_BY = "another process"
SUCCEEDS_IN = ["in process"]
THERE = {"scale": ("passed", 1.75)}

torch.isclose = lambda got, expected, **_: torch.ones(expected.shape, dtype=torch.bool)


def scale(x, factor):
    return torch.zeros_like(x)
