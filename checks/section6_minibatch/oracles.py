"""Small networks for the trusted process: losses and gradients from lists of weights, and steps of SGD."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import expect, expect_close

Loss = Callable[[Tensor, Tensor], Tensor]
ROUNDING = (1e-8, 1e-10)  # relative and absolute: for float64 after a few dozen steps


def random_weights(sizes: Sequence[int], seed: int = 0, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Matrix and bias of each layer in turn, for layers between `sizes` units. No seed that a submission gets gives
    them."""
    generator = torch.Generator().manual_seed(5000 + seed)
    shapes = [shape for fan_in, fan_out in pairwise(sizes) for shape in ((fan_out, fan_in), (fan_out,))]
    return [torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype) for shape in shapes]


def random_data(
    n: int, dim: int, classes: int, seed: int = 0, dtype: torch.dtype = torch.float64
) -> tuple[Tensor, Tensor]:
    """Examples (n, dim) in general position, and class numbers (n,)."""
    generator = torch.Generator().manual_seed(1000 + seed)
    X = torch.randn(n, dim, generator=generator, dtype=torch.float64).to(dtype)
    return X, torch.randint(classes, (n,), generator=generator)


def outputs(weights: Sequence[Tensor], X: Tensor) -> Tensor:
    """The outputs of the network of `programs.minibatch`: linear layers with tanh between them."""
    hidden = X.flatten(1)
    for place in range(0, len(weights), 2):
        hidden = (torch.tanh(hidden) if place else hidden) @ weights[place].T + weights[place + 1]
    return hidden


def loss_and_gradient(weights: Sequence[Tensor], loss_fn: Loss, X: Tensor, y: Tensor) -> tuple[float, list[Tensor]]:
    """Mean loss over the rows, and its gradient by autograd."""
    leaves = [weight.detach().clone().requires_grad_() for weight in weights]
    loss = loss_fn(outputs(leaves, X), y)
    return loss.item(), list(torch.autograd.grad(loss, leaves))


def descend(weights: Sequence[Tensor], gradient: Sequence[Tensor], lr: float) -> list[Tensor]:
    """New weights after one step."""
    return [weight - lr * grad for weight, grad in zip(weights, gradient, strict=True)]


def expect_losses(losses: Any, count: int) -> None:
    """Raise WrongAnswerError unless `losses` is a list of `count` finite Python floats."""
    expect(isinstance(losses, list), f"sgd should return a list of losses, but returned {show.kind_of(losses)}.")
    expect_close({"number of losses, one per step": (len(losses), count)})
    kinds = [show.kind_of(loss) for loss in losses if type(loss) is not float]
    expect(not kinds, f"Every loss in the list should be a float, but the list holds {''.join(kinds[:1])}.")
    expect(bool(torch.isfinite(torch.tensor(losses, dtype=torch.float64)).all()), "A loss is not finite.")
