"""A digit classifier on test sets drawn from seeds: the scale of the points of section 9."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.convergence import Measurement

from ..shared import mnist
from ..shared.softmax_regression import normalised_pixels
from .fresh_digits import fresh_digits

_AT_ONCE = 1000


@dataclass(frozen=True)
class ClassifierRun:
    """The error rate of a classifier trained on all of MNIST's training images; each seed has its own test set."""

    seeds: int = 10  # a training takes a quarter of a minute
    exercise: str = "train_classifier"
    quantity: str = "share of 10,000 shifted and turned digits that are misread"
    contrast_name: str = "softmax regression, trained on shifted images too"

    @cached_property
    def data(self) -> tuple[Tensor, Tensor]:
        """The training images, normalised, and their labels."""
        split = mnist.train()
        return normalised_pixels(split.images), torch.from_numpy(split.labels.copy()).long()

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The error rate of `solver.train_classifier`."""
        return Measurement(self._error(solver.train_classifier(*self.data, _generator(seed)), seed), True)

    def contrast(self, solver: Any, seed: int) -> float:
        """The error rate of softmax regression, trained for three epochs by the reference's own loop."""
        generator = _generator(seed)
        model = nn.Linear(784, 10)
        nn.init.zeros_(model.weight)
        optimizer = solver.make_optimizer("momentum", model.parameters(), 0.002)
        for _ in range(3):
            solver.train_epoch(model, self._shifted_batches(generator), optimizer)
        return self._error(model, seed)

    def _shifted_batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        X, y = self.data
        for rows in torch.split(torch.randperm(len(X), generator=generator), 64):
            shift = torch.randint(-2, 3, (2,), generator=generator).tolist()
            yield X[rows].view(-1, 28, 28).roll(shift, (1, 2)).flatten(1), y[rows]

    def _error(self, model: nn.Module, seed: int) -> float:
        test = fresh_digits(f"calibration {seed}".encode())
        X, y = normalised_pixels(test.images), torch.from_numpy(test.labels).long()
        model.eval()
        with torch.no_grad():
            read = torch.cat([model(some).argmax(1) for some in torch.split(X, _AT_ONCE)])
        return float((read != y).double().mean())


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


CLASSIFIER = ClassifierRun()
SCALED_RUNS = {"classifier": CLASSIFIER}
