"""Tensors that do not lie in memory as they are read. Without hypothesis: workers import it, too."""

import torch
from torch import Tensor


def with_gaps(tensor: Tensor) -> Tensor:
    """The same values in a tensor that is transposed and a slice of a larger one: whoever flattens it has a copy."""
    turned = tensor.detach().transpose(0, -1) if tensor.dim() > 1 else tensor.detach()
    if not tensor.dim():
        return turned.clone()
    apart = torch.stack([turned, turned], -1)[..., 0]
    return apart.transpose(0, -1) if tensor.dim() > 1 else apart
