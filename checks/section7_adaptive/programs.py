"""Programs about the learning rate. Weights and states stay in the worker; numbers come back."""

from typing import Any

import torch
from torch import Tensor

from ..shared.programs import Update, descend, mean_loss


def train_adaptively(
    submission: Any,
    rule: str,
    weights: list[Tensor],
    X: Tensor,
    y: Tensor,
    lr: float,
    steps: int,
    batch_size: int | None = None,
    decay: float = 0.0,
) -> tuple[Tensor, list[Tensor]]:
    """Train a network, as `descend` does, by the update rule `rule`. Returns the losses (steps + 1,) and the
    weights."""
    weights = [weight.clone() for weight in weights]
    update = _update(submission, rule, weights, lr)
    losses = list(descend(update, weights, X, y, steps, batch_size, decay))
    return torch.tensor(losses, dtype=torch.float64), weights


def losses_at_the_end(
    submission: Any, rule: str, weights: list[Tensor], X: Tensor, y: Tensor, lrs: tuple[float, ...], steps: int
) -> Tensor:
    """The loss after training by the update rule `rule` with each learning rate, (lrs,); a million if it is higher or NaN."""
    ends = [train_adaptively(submission, rule, weights, X, y, lr, steps)[0][-1] for lr in lrs]
    return torch.stack(ends).nan_to_num(nan=1e6).clamp(max=1e6)


def moves_of_weights(submission: Any, rule: str, gradients: Tensor, lr: float) -> Tensor:
    """How far each step of an update rule moves each of d weights with these gradients (steps, d)."""
    weights = [torch.zeros_like(gradients[0])]
    update = _update(submission, rule, weights, lr)
    moves = []
    for step, gradient in enumerate(gradients, 1):
        before = weights[0].clone()
        update(weights, [gradient.clone()], step)
        moves.append(weights[0] - before)
    return torch.stack(moves)


def train_at_rates(
    submission: Any, rule: str, weights: list[Tensor], X: Tensor, y: Tensor, lr: float, steps: int, decay: float
) -> tuple[Tensor, Tensor]:
    """Train a network by gradient descent. It starts with the learning rate `lr`, and `rule` sets a new rate in each
    step.

    Returns the losses (steps + 1,) and the learning rates (steps,).
    """
    weights = [weight.clone() for weight in weights]
    rates, losses = [lr], [mean_loss(weights, X, y)]

    def update(params: list[Tensor], grads: list[Tensor], step: int) -> None:
        for weight, gradient in zip(params, grads, strict=True):
            weight.sub_(rates[-1] * gradient)
        losses.append(mean_loss(params, X, y))
        if rule == "bold_driver":
            rates.append(submission.bold_driver(rates[-1], losses[-2], losses[-1]))
        else:
            rates.append(submission.inverse_time_decay(lr, step, decay))

    for _ in descend(update, weights, X, y, steps):
        pass
    return torch.tensor(losses, dtype=torch.float64), torch.tensor(rates[:-1], dtype=torch.float64)


def _update(submission: Any, rule: str, weights: list[Tensor], lr: float) -> Update:
    """The update rule with its own state for these weights."""
    function = getattr(submission, rule)
    first, second = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))

    def update(params: list[Tensor], grads: list[Tensor], step: int) -> None:
        if rule == "adam_step":
            function(params, grads, first, second, step=step, lr=lr)
        else:
            function(params, grads, second, lr=lr)

    return update
