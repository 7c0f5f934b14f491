"""SGD on MNIST: the submission trains in its worker. The trusted process evaluates the weights and repeats every
step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor

from grader.toolkit.convergence import Measurement

from ..shared import mnist
from ..shared.softmax_regression import PIXEL_MEAN, PIXEL_STD, mnist_regression
from .programs import train_by_sgd_and_record

_REPLAYED = (1e-6, 1e-9)  # relative and absolute: for float64 after some hundred steps, with sums in any order


@dataclass(frozen=True)
class StochasticOutcome:
    """Loss and error rate on images that the worker never gets, and how the run differs from SGD, if it does."""

    loss: float
    error: float
    problem: str | None = None


@dataclass(frozen=True)
class StochasticRun:
    """Softmax regression on the first training images of MNIST, in float64. The threshold is for `metric`."""

    metric: Literal["loss", "error"]
    examples: int = 2000  # a multiple of batch_size: calls on parts of a batch are joined by their number of examples
    held_out: int = 2000
    batch_size: int = 20
    num_epochs: int = 2
    lr: float = 0.01
    full_batch_lrs: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2)
    exercise: str = "sgd"
    contrast_name: str = "full-batch gradient descent"
    limit: float | None = None

    @property
    def quantity(self) -> str:
        """The name of the quantity that `measure` returns."""
        what = "loss (nats)" if self.metric == "loss" else "share of images misread"
        return f"{what} on {self.held_out:,} held-out images after {self.num_epochs} epochs of SGD"

    @property
    def budget(self) -> int:
        """How many gradients of single examples the run may compute."""
        return self.examples * self.num_epochs

    def train(self, solver: Any, seed: int) -> StochasticOutcome:
        """Run `solver.sgd` from the weights of `seed`, and evaluate the returned weights here.

        The recorded batches must lead to these weights: another optimizer that reaches the same loss is not SGD.
        """
        problem = mnist_regression(self.examples)
        start = problem.start(seed)
        images, labels = problem.features[:, :-1], problem.targets.argmax(1)
        generator = torch.Generator().manual_seed(seed)
        losses, weights, rows, lengths = solver.run(
            train_by_sgd_and_record,
            [start[:-1].T.contiguous(), start[-1].clone()],
            labels,
            images.contiguous(),
            self.lr,
            self.batch_size,
            self.num_epochs,
            generator,
        )
        if [tuple(weight.shape) for weight in weights] != [(10, 784), (10,)]:
            return StochasticOutcome(float("inf"), 1.0, "The shapes of the model's parameters changed.")
        trained = torch.cat([weights[0].T, weights[1][None]]).to(start.dtype)
        loss, error = self.evaluate(trained)
        return StochasticOutcome(loss, error, self._deviation(start, trained, losses, _calls(rows, lengths)))

    def _deviation(self, weights: Tensor, trained: Tensor, losses: Any, calls: list[Tensor]) -> str | None:
        """How a run differs from SGD, if it does: repeat it here from its batches."""
        problem = mnist_regression(self.examples)
        steps = list(_steps(calls, self.batch_size))
        per_epoch = -(-self.examples // self.batch_size)
        if len(steps) != self.num_epochs * per_epoch:
            return f"On MNIST, sgd should take {self.num_epochs * per_epoch} steps, but used {len(steps)} batches."
        if not isinstance(losses, list) or len(losses) != len(steps):
            return f"On MNIST, sgd should return a list of {len(steps)} losses, one per step."
        stored = previous = torch.arange(self.examples)
        for epoch in range(self.num_epochs):
            used = torch.cat(steps[epoch * per_epoch : (epoch + 1) * per_epoch])
            if not torch.equal(used.sort().values, stored):
                return f"On MNIST, epoch {epoch + 1} does not use every example exactly once."
            if torch.equal(used, stored) or torch.equal(used, previous):  # never by chance
                return f"On MNIST, epoch {epoch + 1} has no new random order."
            previous = used
        for step, (rows, loss) in enumerate(zip(steps, losses, strict=True), 1):
            batch = type(problem)(problem.features[rows], problem.targets[rows])
            if type(loss) is not float or not abs(loss - batch.loss(weights)) <= 1e-6:
                return f"On MNIST, the loss of step {step} is wrong for its batch and the weights before the step."
            weights = weights - self.lr * batch.gradient(weights)
        if not torch.allclose(trained, weights, *_REPLAYED):
            return "On MNIST, the steps lead to other final weights."
        return None

    def evaluate(self, weights: Tensor) -> tuple[float, float]:
        """Loss and error rate on held-out images, for weights (785, 10)."""
        features, labels = _held_out(self.examples, self.held_out)
        logits = features @ weights
        loss = torch.nn.functional.cross_entropy(logits, labels)
        return float(loss), float((logits.argmax(1) != labels).double().mean())

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The metric after SGD."""
        outcome = self.train(solver, seed)
        return Measurement(getattr(outcome, self.metric), outcome.problem is None)

    def contrast(self, solver: Any, seed: int) -> float:
        """The metric after full-batch gradient descent with the same budget, at its best learning rate."""
        problem = mnist_regression(self.examples)
        results = []
        for lr in self.full_batch_lrs:
            weights = problem.start(seed)
            for _ in range(self.num_epochs):
                weights = weights - lr * problem.gradient(weights)
            results.append(self.evaluate(weights)[0 if self.metric == "loss" else 1])
        return min(results)


_MOST_CALLS = 100_000  # of the loss; a run has some hundred steps


def _calls(rows: Tensor, lengths: Tensor) -> list[Tensor]:
    """The rows of each call of the loss, as the worker sent them, with no trust in their form; empty if malformed."""
    honest = rows.dtype == lengths.dtype == torch.int64 and rows.dim() == lengths.dim() == 1
    if not honest or len(lengths) > _MOST_CALLS or bool(((lengths < 0) | (lengths > len(rows))).any()):
        return []
    if int(lengths.sum()) != len(rows):
        return []
    return list(torch.split(rows, lengths.tolist()))


def _steps(calls: list[Tensor], batch_size: int) -> Iterator[Tensor]:
    """The batches of the steps. A submission may compute a loss twice for a batch, or for all data, without a step."""
    previous = torch.empty(0, dtype=torch.int64)
    for rows in calls:
        if len(rows) <= batch_size and not torch.equal(rows, previous):
            yield rows
            previous = rows


@cache
def _held_out(start: int, count: int) -> tuple[Tensor, Tensor]:
    """Training images that no run trains on, with a column of ones (count, 785), and their labels."""
    split = mnist.train()
    pixels = torch.from_numpy(split.images[start : start + count].copy()).reshape(count, -1).double()
    features = torch.cat([(pixels / 255 - PIXEL_MEAN) / PIXEL_STD, torch.ones(count, 1, dtype=torch.float64)], 1)
    return features, torch.from_numpy(split.labels[start : start + count].copy()).long()


STOCHASTIC = StochasticRun("loss")
RUNS = {"mnist": STOCHASTIC, "mnist_error": StochasticRun("error")}
