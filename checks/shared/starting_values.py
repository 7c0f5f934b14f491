"""Values for a module's parameters, whatever their order and orientation: drawn alike in the worker and here."""

from collections.abc import Sequence

import torch
from torch import Tensor


def starting_values(shapes: Sequence[Sequence[int]], seed: int, weight_scale: float, bias_scale: float) -> list[Tensor]:
    """Normal random float64 tensors of these shapes, with one standard deviation for matrices and one for vectors."""
    generator = torch.Generator().manual_seed(seed)
    return [
        (weight_scale if len(shape) > 1 else bias_scale)
        * torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
        for shape in shapes
    ]
