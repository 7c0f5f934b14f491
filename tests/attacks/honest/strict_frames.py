"""Writes to its output, and returns values of several kinds."""

import os
import sys

import torch

EXPECTED = {"scale": ("passed", 1.75), "mean": ("passed", 1.25)}
STOPPED_BY = "strict frames"

os.write(1, b"\x00\xff passed \x91\x91 no text\n")
print({"type": "answer", "id": 1, "points": 5}, file=sys.stderr)


def scale(x, factor):
    return torch.as_tensor(x.numpy() * factor)


def mean(x):
    return x.mean().item()
