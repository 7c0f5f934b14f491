"""The whole Hessian of a small loss: what an exercise may not form."""

import torch
from torch import Tensor

from .problems import Loss


def hessian_of(loss: Loss, params: list[Tensor]) -> Tensor:
    """The Hessian (d, d) in all parameters together, in their order."""
    sizes, shapes = [param.numel() for param in params], [param.shape for param in params]

    def of_row(row: Tensor) -> Tensor:
        return loss.value([part.reshape(shape) for part, shape in zip(torch.split(row, sizes), shapes, strict=True)])

    row = torch.cat([param.detach().reshape(-1) for param in params])
    # torch.func would import torch's compiler: 0.7 s, and 100 MB of the process that stays warm.
    hessian: Tensor = torch.autograd.functional.hessian(of_row, row)
    return hessian
