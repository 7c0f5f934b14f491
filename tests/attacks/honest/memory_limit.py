"""Uses half a gibibyte of memory."""

import torch

EXPECTED = {"mean": ("passed", 1.25)}
STOPPED_BY = "memory limit"


def mean(x):
    room = torch.empty(1 << 26, dtype=torch.float64)
    room[0] = x.mean()
    return float(room[0])
