"""Turns its argument into another tensor, by storage, data and shape, instead of changing the values."""

import torch

EXPECTED = {"shift_in_place": ("failed", 0.0)}
STOPPED_BY = "our own comparison"


def shift_in_place(params, amount):
    for w in params:
        w.data = torch.zeros(3)
        w.resize_(100)
