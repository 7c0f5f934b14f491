"""The risk of two weights on MNIST: threes against eights by the ink in the left and the right half of each image.

The section's text defines it, too: students experiment with it. Here it is in closed form, in the trusted process.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import softplus

from ..shared import mnist

IMAGES = 4000  # the first of the training set
CORNERS = torch.tensor([[2.0, 2.0], [-2.0, 2.0], [2.0, -2.0], [-2.0, -2.0]], dtype=torch.float64)  # starts lie between


@dataclass(frozen=True)
class Halves:
    """`ink` (n, 2): the mean of a row's sum of pixels in the left and right half; `is_eight` (n,): 1 or 0."""

    ink: Tensor
    is_eight: Tensor

    def risk(self, w: Tensor) -> Tensor:
        """The mean cross-entropy of weights (..., 2)."""
        scores = w @ self.ink.T
        return (softplus(scores) - self.is_eight * scores).mean(-1)

    def gradient(self, w: Tensor) -> Tensor:
        """The gradient (..., 2) of the risk."""
        return (torch.sigmoid(w @ self.ink.T) - self.is_eight) @ self.ink / len(self.ink)

    def hessian(self, w: Tensor) -> Tensor:
        """The Hessian (2, 2) of the risk at `w` (2,)."""
        p = torch.sigmoid(self.ink @ w)
        return (self.ink.T * (p * (1 - p))) @ self.ink / len(self.ink)


@lru_cache(maxsize=1)
def halves() -> Halves:
    """The data."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[:IMAGES].copy()).double()
    labels = torch.from_numpy(split.labels[:IMAGES].copy())
    chosen = (labels == 3) | (labels == 8)
    ink = pixels.reshape(IMAGES, 28, 2, 14).sum((1, 3)) / (255 * 28)
    return Halves(ink[chosen], (labels[chosen] == 8).double())


@lru_cache(maxsize=1)
def minimum() -> Tensor:
    """The best weights (2,), by Newton's method."""
    w = torch.zeros(2, dtype=torch.float64)
    for _ in range(20):
        w = w - torch.linalg.solve(halves().hessian(w), halves().gradient(w))
    return w


def smallest_risk() -> float:
    """The risk at the minimum."""
    return float(halves().risk(minimum()))


def starts(seed: int) -> Tensor:
    """Four starts (4, 2), one in each quarter of the square."""
    generator = torch.Generator().manual_seed(seed)
    return CORNERS * torch.rand(4, 2, generator=generator, dtype=torch.float64)


def risks_above(lrs: Tensor, betas: Tensor, w: Tensor, steps: int, average: bool = False) -> Tensor:
    """The risk above its minimum after some steps of the heavy ball, (pairs, starts), of pairs (p,), (p,) and starts (s, 2).

    With `average`, the velocity is an exponential moving average of the gradients.
    """
    lr, beta = lrs[:, None, None], betas[:, None, None]
    w = w.expand(len(lrs), *w.shape).clone()
    v = torch.zeros_like(w)
    for _ in range(steps):
        v = beta * v + (1 - beta if average else 1.0) * halves().gradient(w)
        w = w - lr * v
    return halves().risk(w) - smallest_risk()
