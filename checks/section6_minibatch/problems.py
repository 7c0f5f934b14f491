"""Losses of a batch: `loss_fn(outputs, targets)` is the mean over the rows, a 0-d tensor."""

import dataclasses

import torch
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class BatchSquaredError:
    """Half the mean squared error of the first output, `mean((outputs[:, 0] - targets)^2) / 2`."""

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs[:, 0] - targets).square().mean() / 2

    def __str__(self) -> str:
        return "mean((outputs[:, 0] - targets)^2) / 2"


@dataclasses.dataclass(frozen=True)
class BatchCrossEntropy:
    """Mean cross-entropy of logits (B, K) and class numbers (B,)."""

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return torch.nn.functional.cross_entropy(outputs, targets)

    def __str__(self) -> str:
        return "torch.nn.functional.cross_entropy"
