"""A small network that learns digits by full-batch gradient descent in the trusted process, to measure its sharpness."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ..shared import mnist
from ..shared.problems import starting_values
from ..shared.softmax_regression import CLASSES, PIXEL_STD
from .problems import SquaredLoss

DIGITS, SIDE, UNITS = 100, 7, 16
STEPS, EVERY = 800, 40
LR = 0.6  # of the prediction
PRODUCTS = 40  # with the Hessian, for each sharpness


@dataclass(frozen=True)
class Training:
    """The loss, the parameters at steps 0, 40, ..., 800, and the loss there."""

    loss: SquaredLoss
    path: list[list[Tensor]]
    losses: list[float]


@lru_cache(maxsize=8)
def training(lr: float, seed: int = 0) -> Training:
    """Gradient descent from the weights of `seed`."""
    loss, params, losses = _digits(), _start(seed), []
    path = []
    for step in range(STEPS + 1):
        leaves = [param.requires_grad_() for param in params]
        value = loss.value(leaves)
        if step % EVERY == 0:
            path.append([param.detach() for param in leaves])
            losses.append(float(value.detach()))
        slopes = torch.autograd.grad(value, leaves)
        params = [(param - lr * slope).detach() for param, slope in zip(leaves, slopes, strict=True)]
    return Training(loss, path, losses)


@lru_cache(maxsize=1)
def _digits() -> SquaredLoss:
    """The first training images, averaged to 7 x 7 pixels, with mean 0; targets 1 for the digit's class and 0 for others."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[:DIGITS].copy()).double().reshape(DIGITS, SIDE, 4, SIDE, 4).mean((2, 4))
    X = pixels.reshape(DIGITS, -1) / (255 * PIXEL_STD)
    labels = torch.from_numpy(split.labels[:DIGITS].copy()).long()
    return SquaredLoss(X - X.mean(0), torch.eye(CLASSES, dtype=torch.float64)[labels])


def _start(seed: int) -> list[Tensor]:
    """Small random weights, half of 1 / sqrt(inputs), and biases of zero."""
    inputs = SIDE * SIDE
    first, first_bias, second, second_bias = starting_values(
        [(UNITS, inputs), (UNITS,), (CLASSES, UNITS), (CLASSES,)], seed, 0.5, 0.0
    )
    return [first / inputs**0.5, first_bias, second / UNITS**0.5, second_bias]
