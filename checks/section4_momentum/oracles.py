"""The whole Hessian of a small loss, by torch.func: what an exercise may not form."""

import torch
from torch import Tensor

from .problems import Loss


def hessian_of(loss: Loss, params: list[Tensor]) -> Tensor:
    """The Hessian (d, d) in all parameters together, in their order."""
    sizes, shapes = [param.numel() for param in params], [param.shape for param in params]

    def of_row(row: Tensor) -> Tensor:
        return loss.value([part.reshape(shape) for part, shape in zip(torch.split(row, sizes), shapes, strict=True)])

    hessian: Tensor = torch.func.hessian(of_row)(torch.cat([param.reshape(-1) for param in params]))
    return hessian
