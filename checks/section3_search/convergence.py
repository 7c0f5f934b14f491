"""Gradient descent on MNIST compared with random search; only the update step runs in a worker."""

from dataclasses import dataclass
from typing import Any

import torch

from grader.toolkit.convergence import Measurement

from ..shared.softmax_regression import mnist_regression

GRADIENT_COST = (
    3  # evaluations of the loss that cost as much as one gradient: a forward pass (1) and a backward pass (2)
)


@dataclass(frozen=True)
class DescentRun:
    """Softmax regression on MNIST, 7,850 weights, by full-batch gradient descent in float64."""

    examples: int = 1000
    steps: int = 40
    lr: float = 0.1
    search_step_size: float = 0.5  # the best of 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1 and 2
    exercise: str = "gradient_descent_step"
    quantity: str = "training loss (nats) after 40 steps of gradient descent"
    contrast_name: str = "random search"
    limit: float | None = None

    @property
    def evaluations(self) -> int:
        """How many evaluations of the loss take as long as this run."""
        return self.steps * GRADIENT_COST

    def train(self, solver: Any, seed: int) -> "DescentOutcome":
        """Run `solver.gradient_descent_step` from the weights of `seed`.

        Gradients are computed here, at weights that stay here. A low loss is not enough: each step is also compared
        with the rule.
        """
        problem = mnist_regression(self.examples)
        weights = problem.start(seed)
        deviation = None
        for step in range(1, self.steps + 1):
            gradient = problem.gradient(weights)
            expected = weights - self.lr * gradient
            _, after = solver.gradient_descent_step([weights], [gradient], lr=self.lr)
            weights = after.params[0]
            if deviation is None and not torch.allclose(weights, expected, 1e-9, 1e-12):
                deviation = step
        return DescentOutcome(problem.loss(weights), deviation)

    def measure(self, solver: Any, seed: int) -> Measurement:
        """Loss by gradient descent."""
        outcome = self.train(solver, seed)
        return Measurement(outcome.loss, outcome.deviation is None)

    def contrast(self, solver: Any, seed: int) -> float:
        """Loss of random search from the same weights, with evaluations that cost as much as these gradients."""
        problem = mnist_regression(self.examples)
        weights = problem.start(seed)
        loss = problem.loss(weights)
        generator = torch.Generator().manual_seed(seed)
        for _ in range(self.evaluations - 1):
            move = torch.randn(weights.shape, generator=generator, dtype=weights.dtype)
            proposal = weights + self.search_step_size * move / move.norm()
            if (proposed := problem.loss(proposal)) < loss:
                weights, loss = proposal, proposed
        return loss


@dataclass(frozen=True)
class DescentOutcome:
    """The final loss, and the first step that did not follow the rule, if any."""

    loss: float
    deviation: int | None


DESCENT = DescentRun()
RUNS = {"mnist": DESCENT}
