"""Small networks for the trusted side: losses and gradients from plain lists of weights, SGD that is replayed, and a network of
one hidden unit that is found out from its losses."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import expect, expect_close

Loss = Callable[[Tensor, Tensor], Tensor]
ROUNDING = (1e-8, 1e-10)  # relative and absolute: float64, through a few dozen steps


def random_weights(sizes: Sequence[int], seed: int = 0, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Matrix and bias of each layer in turn, for layers between `sizes` units, from no seed that a submission is given."""
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
    """What the network of `programs.minibatch` computes: linear layers with tanh between them."""
    hidden = X.flatten(1)
    for place in range(0, len(weights), 2):
        hidden = (torch.tanh(hidden) if place else hidden) @ weights[place].T + weights[place + 1]
    return hidden


def loss_and_gradient(weights: Sequence[Tensor], loss_fn: Loss, X: Tensor, y: Tensor) -> tuple[float, list[Tensor]]:
    """Mean loss over the rows, and its gradient by autograd."""
    leaves = [weight.detach().clone().requires_grad_() for weight in weights]
    loss = loss_fn(outputs(leaves, X), y)
    return float(loss), list(torch.autograd.grad(loss, leaves))


def descend(weights: Sequence[Tensor], gradient: Sequence[Tensor], lr: float) -> list[Tensor]:
    """New weights after one step."""
    return [weight - lr * grad for weight, grad in zip(weights, gradient, strict=True)]


def expect_losses(losses: Any, count: int) -> None:
    """Raise WrongAnswerError unless `losses` is a list of `count` finite Python floats."""
    expect(isinstance(losses, list), f"A list of losses was expected, but {show.kind_of(losses)} was returned.")
    expect_close({"number of losses, one per step": (len(losses), count)})
    kinds = [show.kind_of(loss) for loss in losses if type(loss) is not float]
    expect(not kinds, f"The list of losses holds {''.join(kinds[:1])}, but every loss should be a float.")
    expect(bool(torch.isfinite(torch.tensor(losses, dtype=torch.float64)).all()), "A loss is not finite.")


# -- one hidden unit

FAR = 1e5  # as good as infinitely far: beyond the kink of the unit
CLASSES = 10
LossAfterStep = Callable[[float, int, float], float]


@dataclass(frozen=True)
class OneUnit:
    """The network of one input and one hidden ReLU unit, `logits = slope / scale * relu(scale * distance) + level`.

    `distance` is how far an input lies beyond `kink` on the active `side`, 1 or -1. Slope and level (K,) have mean 0: what is
    added to all logits alike changes neither losses nor steps.
    """

    kink: float
    side: int
    slope: Tensor
    level: Tensor
    scale: float = 1.0

    def inputs(self, *distances: float) -> Tensor:
        """Inputs (n, 1) at these distances from the kink."""
        return self.kink + self.side * torch.tensor(distances, dtype=torch.float64)[:, None]

    def losses(self, X: Tensor, y: Tensor, lr: float, num_steps: int) -> list[float]:
        """The mean cross-entropy before the first and after each of some steps of gradient descent."""
        start = [self.side * self.scale, -self.side * self.scale * self.kink, self.slope / self.scale, self.level]
        weights = [torch.as_tensor(value, dtype=torch.float64).clone().requires_grad_() for value in start]
        history: list[float] = []
        for _ in range(num_steps + 1):
            weight, bias, output, level = weights
            loss = torch.nn.functional.cross_entropy(torch.relu(weight * X + bias) * output + level, y)
            history.append(loss.item())
            steps = zip(weights, torch.autograd.grad(loss, weights), strict=True)
            weights = [(value - lr * grad).detach().requires_grad_() for value, grad in steps]
        return history


def find_unit(loss: LossAfterStep) -> OneUnit | None:
    """Find the network of one hidden ReLU unit whose `loss(x, label, lr)` for one example after one step is given.

    None if no side of the inputs is constant, or both are: then no kink is within reach. The untrained losses of all labels
    tell the logits, those of four inputs all but the scale, and the length of the gradient the scale. Raises
    WrongAnswerError where no such network fits.
    """
    far, near = ([_logits(loss, sign * distance) for sign in (-1, 1)] for distance in (2 * FAR, FAR))
    slopes = [(outer - inner) / FAR for outer, inner in zip(far, near, strict=True)]
    lengths = [float(slope.norm()) for slope in slopes]
    active = int(lengths[1] > lengths[0])
    if lengths[active] < 1e-9 or lengths[1 - active] > 1e-6 * lengths[active]:
        return None
    slope, level = slopes[active], near[1 - active]
    reach = float((near[active] - level) @ slope / (slope @ slope))
    side = 2 * active - 1
    unit = OneUnit(side * (FAR - reach), side, slope, level)
    return dataclasses.replace(unit, scale=_scale(unit, loss))


def _logits(loss: LossAfterStep, x: float) -> Tensor:
    """The untrained network's logits for one input, with mean 0."""
    losses = torch.tensor([loss(x, label, 0.0) for label in range(CLASSES)], dtype=torch.float64)
    total = float((-losses).exp().sum())
    expect(
        abs(total - 1) < 1e-9,
        f"exp(-loss), added up over the labels 0 to 9 of one input, is {show.number(total)} before any training. "
        "For a network with 10 outputs these are the probabilities of the classes, and their sum is 1.",
    )
    return losses.mean() - losses


def _scale(unit: OneUnit, loss: LossAfterStep) -> float:
    """The weight into the unit, from the squared length of the gradient at distance 1 from the kink, for some labels.

    With probabilities p it is `|p - e|^2 (1 + scale^2) + ((p - e) . slope)^2 (1 + x^2) / scale^2`: linear in scale^2 and its
    inverse, of which the one that adds more is known better. A step of lr lowers the loss by lr times it, up to lr^2, which a
    step of 2 lr takes out.
    """
    x = float(unit.inputs(1.0))
    square, lr = 1 + x * x, 1e-5 / (1 + x * x)
    labels = range(CLASSES // 2)
    errors = torch.softmax(unit.level + unit.slope, 0) - torch.eye(CLASSES, dtype=torch.float64)[: len(labels)]
    lengths = errors.square().sum(1)
    falls = [[loss(x, label, 0.0) - loss(x, label, times * lr) for times in (1, 2)] for label in labels]
    gradients = torch.tensor([(4 * one - two) / (2 * lr) for one, two in falls], dtype=torch.float64)
    terms = torch.stack([lengths, (errors @ unit.slope).square() * square], 1)
    factors = torch.linalg.lstsq(terms, (gradients - lengths)[:, None]).solution[:, 0]
    larger = int((factors * terms.sum(0)).argmax())
    message = "One small step does not lower the loss as a step along the gradient in all weights and biases does."
    expect(bool(factors[larger] > 0), message)
    scale = math.sqrt(float(factors[larger]))
    return scale if larger == 0 else 1 / scale
