"""Rules that a wrong `sgd` may follow with full batches, where chance plays no part: of the weights, and of the losses."""

from collections.abc import Callable, Sequence
from itertools import accumulate

import torch
from torch import Tensor

from .oracles import loss_and_gradient
from .strategies import Training

RIGHT = "the right one"
# The step of a tensor, from the weights, the gradients in all epochs so far, and the learning rate.
Step = Callable[[Tensor, list[Tensor], float], Tensor]


def _falling(factor: Callable[[int], float]) -> Step:
    """A learning rate with a factor for each epoch, counted from 1."""
    return lambda w, gs, lr: lr * factor(len(gs)) * gs[-1]


def _shrinking(factor: float) -> Step:
    return _falling(lambda epoch: factor ** (epoch - 1))


def _decaying(decay: float) -> Step:
    return lambda w, gs, lr: lr * (gs[-1] + decay * w)


def _moment(gs: list[Tensor], beta: float, share: float) -> Tensor:
    return sum((share * beta**age * g for age, g in enumerate(reversed(gs))), torch.zeros_like(gs[0]))


STEPS: dict[str, Step] = {
    RIGHT: lambda w, gs, lr: lr * gs[-1],
    "lr / epoch": _falling(lambda epoch: 1 / epoch),
    "lr / root of epoch": _falling(lambda epoch: epoch**-0.5),
    "lr / (1 + epoch)": _falling(lambda epoch: 1 / (epoch + 1)),
    "lr divided again and again": _falling(lambda epoch: 1 / torch.arange(1, epoch + 1).prod().item()),
    **{f"lr * {factor}^epoch": _shrinking(factor) for factor in (0.1, 0.5, 0.9, 0.95, 0.99)},
    "momentum": lambda w, gs, lr: lr * _moment(gs, 0.9, 1.0),
    "mean of gradients": lambda w, gs, lr: lr * _moment(gs, 0.9, 0.1),
    "all gradients": lambda w, gs, lr: lr * _moment(gs, 1.0, 1.0),
    "gradient * 4": lambda w, gs, lr: 4 * lr * gs[-1],
    "gradient / 4": lambda w, gs, lr: lr * gs[-1] / 4,
    "twice": lambda w, gs, lr: 2 * lr * gs[-1],
    "half": lambda w, gs, lr: lr * gs[-1] / 2,
    "sign": lambda w, gs, lr: lr * gs[-1].sign(),
    "length 1": lambda w, gs, lr: lr * gs[-1] / gs[-1].norm(),
    "matrices only": lambda w, gs, lr: lr * gs[-1] if w.dim() > 1 else torch.zeros_like(w),
    "no step": lambda w, gs, lr: torch.zeros_like(w),
    **{f"decay {decay}": _decaying(decay) for decay in (0.1, 0.01, 1e-3, 1e-4)},
}

# A sequence of losses in place of those before each step. The second argument is the loss after the last step.
Losses = Callable[[list[float], float], list[float]]


def _rounded(digits: int) -> Losses:
    return lambda before, end: [round(loss, digits) for loss in before]


SEQUENCES: dict[str, Losses] = {
    RIGHT: lambda before, end: before,
    "after": lambda before, end: [*before[1:], end],
    "running mean": lambda before, end: [total / k for k, total in enumerate(accumulate(before), 1)],
    "running sum": lambda before, end: list(accumulate(before)),
    "smoothed": lambda before, end: list(accumulate(before, lambda old, new: 0.9 * old + 0.1 * new)),
    "smoothed by a half": lambda before, end: list(accumulate(before, lambda old, new: (old + new) / 2)),
    "smallest so far": lambda before, end: list(accumulate(before, min)),
    "times 4": lambda before, end: [4 * loss for loss in before],
    "divided by 4": lambda before, end: [loss / 4 for loss in before],
    "mean of all": lambda before, end: [sum(before) / len(before)] * len(before),
    "first again": lambda before, end: before[:1] * len(before),
    **{f"{digits} digits": _rounded(digits) for digits in (1, 2, 3, 4)},
    "reversed": lambda before, end: before[::-1],
}


def _path(problem: Training, step: Step) -> tuple[list[float], list[Tensor]]:
    """The loss before each step and at the end, and the last weights, with full batches."""
    weights, losses = [w.detach() for w in problem.weights], []
    seen: list[list[Tensor]] = [[] for _ in problem.weights]
    for _ in range(problem.num_epochs):
        loss, grads = loss_and_gradient(weights, problem.loss_fn, problem.X, problem.y)
        losses.append(loss)
        for one, g in zip(seen, grads, strict=True):
            one.append(g)
        weights = [w - step(w, gs, problem.lr) for w, gs in zip(weights, seen, strict=True)]
    return [*losses, loss_and_gradient(weights, problem.loss_fn, problem.X, problem.y)[0]], weights


def rule_of_weights(problem: Training, weights: Sequence[Tensor]) -> str:
    """The rule that leads to these weights; "another" if none does."""
    for name, step in STEPS.items():
        ends = _path(problem, step)[1]
        if all(torch.allclose(got, end, 1e-6, 1e-9) for got, end in zip(weights, ends, strict=True)):
            return name
    return "another"


def rule_of_losses(problem: Training, losses: Sequence[float]) -> str:
    """What the losses are of those on the right path; "another" if none fits."""
    *before, end = _path(problem, STEPS[RIGHT])[0]
    got = torch.tensor(losses, dtype=torch.float64)
    for name, made in SEQUENCES.items():
        expected = torch.tensor(made(before, end), dtype=torch.float64)
        if got.shape == expected.shape and torch.allclose(got, expected, 1e-5, 1e-9):
            return name
    return "another"
