"""Training one network from several seeds on MNIST, narrow and wide."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import mnist
from grader.toolkit.oracles.classification import PIXEL_MEAN, PIXEL_STD


@dataclass(frozen=True)
class SeedsRun:
    """`train_from_seeds` at two widths, on images of 14 x 14 averaged pixels: small enough for many runs."""

    examples: int = 200
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    lr: float = 0.3
    steps: int = 100
    narrow: int = 2
    wide: int = 100

    def losses(self, solver: Any, width: int, first_seed: int = 0) -> Tensor:
        """Final training losses at one width, one per seed."""
        X, y = small_images(self.examples)
        seeds = [first_seed + seed for seed in self.seeds]
        result: Tensor = solver.train_from_seeds(width, seeds, X, y, self.lr, self.steps)
        return result

    def measure(self, solver: Any, seed: int) -> tuple[float, float]:
        """The worst final loss of the wide network, and the best of the narrow one."""
        first = 100 * seed
        wide, narrow = self.losses(solver, self.wide, first), self.losses(solver, self.narrow, first)
        return float(wide.max()), float(narrow.min())


@lru_cache(maxsize=1)
def small_images(examples: int) -> tuple[Tensor, Tensor]:
    """The first training images, averaged to 14 x 14 and normalised, float32 (n, 196), and their labels."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[:examples].copy()).float().reshape(examples, 14, 2, 14, 2).mean((2, 4))
    labels = torch.from_numpy(split.labels[:examples].copy()).long()
    return (pixels.reshape(examples, -1) / 255 - PIXEL_MEAN) / PIXEL_STD, labels


SEEDS = SeedsRun()
RUNS = {"mnist": SEEDS}
