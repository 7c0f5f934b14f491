"""Training a small network by whatever update: shared by programs, around a submission's update, and by pictures, around ours."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

Update = Callable[[list[Tensor], list[Tensor], int], None]  # (params, their gradients, number of the step from 1)


def logits(weights: list[Tensor], X: Tensor) -> Tensor:
    """The outputs of linear layers with ReLU between them; `weights` are matrix and bias of each in turn."""
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        X = linear(X, weight, bias).relu()
    return linear(X, *weights[-2:])


def mean_loss(weights: list[Tensor], X: Tensor, y: Tensor) -> float:
    """The mean cross-entropy."""
    return float(cross_entropy(logits(weights, X), y))


def descend(
    update: Update,
    weights: list[Tensor],
    X: Tensor,
    y: Tensor,
    steps: int,
    batch_size: int | None = None,
    decay: float = 0.0,
) -> Iterator[float]:
    """Take steps in place; yield the mean cross-entropy of each step's examples before it, and that of all after the last.

    Batches follow one another in the order of the examples; without `batch_size`, each step sees them all. `decay` times
    the weights is added to the gradients of matrices.
    """
    size = batch_size or len(X)
    for step in range(1, steps + 1):
        start = (step - 1) * size % (len(X) - size + 1)
        params = [weight.detach().requires_grad_() for weight in weights]
        loss = cross_entropy(logits(params, X[start : start + size]), y[start : start + size])
        grads = [
            grad + decay * weight if weight.dim() > 1 else grad
            for weight, grad in zip(weights, torch.autograd.grad(loss, params), strict=True)
        ]
        yield float(loss.detach())
        update(weights, grads, step)
    yield mean_loss(weights, X, y)
