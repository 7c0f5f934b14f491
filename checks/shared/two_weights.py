"""The risk of two weights on MNIST: threes against eights by the ink in the left and the right half of each image."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import softplus

from . import mnist

IMAGES = 4000  # the first of the training set


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
