"""Training one network from several seeds on MNIST, narrow and wide."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import mnist
from grader.toolkit.convergence import Measurement
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
    exercise: str = "train_from_seeds"
    quantity: str = "worst training loss of 5 wide networks / best of 5 narrow ones"
    contrast_name: str = "narrow networks in the place of the wide ones"
    limit: float | None = (
        1.0  # the claim itself; a student's initialisation is free, so no measured bound would be fair
    )

    def losses(self, solver: Any, width: int, first_seed: int = 0) -> Tensor:
        """Final training losses at one width, one per seed."""
        X, y = small_images(self.examples)
        seeds = [first_seed + seed for seed in self.seeds]
        result: Tensor = solver.train_from_seeds(width, seeds, X, y, self.lr, self.steps)
        return result

    def train(self, solver: Any, first_seed: int = 0) -> "SeedsOutcome":
        """Train at both widths."""
        return SeedsOutcome(*(self.losses(solver, width, first_seed) for width in (self.narrow, self.wide)))

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The worst final loss of the wide networks, in units of the best of the narrow ones."""
        outcome = self.train(solver, 100 * seed)
        shapes = {tuple(losses.shape) for losses in (outcome.narrow, outcome.wide)}
        return Measurement(outcome.ratio, shapes == {(len(self.seeds),)} and outcome.spread_shrinks)

    def contrast(self, solver: Any, seed: int) -> float:
        """The same ratio of narrow networks to narrow ones."""
        narrow = self.losses(solver, self.narrow, 100 * seed)
        return SeedsOutcome(narrow, narrow).ratio


@dataclass(frozen=True)
class SeedsOutcome:
    """Final training losses at two widths, one per seed."""

    narrow: Tensor
    wide: Tensor

    @property
    def ratio(self) -> float:
        """The worst wide loss / the best narrow one: below 1 if no wide network was unlucky."""
        return float(self.wide.max() / self.narrow.min())

    @property
    def spread_shrinks(self) -> bool:
        """Whether the wide networks differ less than the narrow ones."""
        return bool(self.wide.max() - self.wide.min() < self.narrow.max() - self.narrow.min())


@lru_cache(maxsize=1)
def small_images(examples: int) -> tuple[Tensor, Tensor]:
    """The first training images, averaged to 14 x 14 and normalised, float32 (n, 196), and their labels."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[:examples].copy()).float().reshape(examples, 14, 2, 14, 2).mean((2, 4))
    labels = torch.from_numpy(split.labels[:examples].copy()).long()
    return (pixels.reshape(examples, -1) / 255 - PIXEL_MEAN) / PIXEL_STD, labels


SEEDS = SeedsRun()
RUNS = {"mnist": SEEDS}
