"""Momentum on MNIST: only the update step, or the choice of a pair, runs in a worker; all else in the trusted process."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.convergence import Measurement

from ..shared.softmax_regression import mnist_regression
from . import two_weights


@dataclass(frozen=True)
class MomentumRun:
    """Softmax regression on MNIST by full-batch updates with one velocity, in float64."""

    examples: int = 1000
    steps: int = 60
    lr: float = 0.01
    beta: float = 0.9
    exercise: str = "momentum_step"
    quantity: str = "training loss (nats) after 60 steps with momentum"
    contrast_name: str = "plain gradient descent"
    limit: float | None = None

    def train(self, solver: Any, seed: int) -> "Outcome":
        """Run `solver.momentum_step` from the weights of `seed`.

        Gradients are computed here, at weights that stay here. A low loss is not enough: each step is also compared
        with the rule.
        """
        problem = mnist_regression(self.examples)
        weights = problem.start(seed)
        velocity = torch.zeros_like(weights)
        deviation = None
        for step in range(1, self.steps + 1):
            gradient = problem.gradient(weights)
            expected_velocity = self.beta * velocity + gradient
            expected_weights = weights - self.lr * expected_velocity
            _, after = solver.momentum_step([weights], [gradient], [velocity], lr=self.lr, beta=self.beta)
            weights, velocity = after.params[0], after.velocities[0]
            if deviation is None and not _close(weights, expected_weights, velocity, expected_velocity):
                deviation = step
        return Outcome(problem.loss(weights), deviation)

    def measure(self, solver: Any, seed: int) -> Measurement:
        """Loss with momentum."""
        outcome = self.train(solver, seed)
        return Measurement(outcome.loss, outcome.deviation is None)

    def contrast(self, solver: Any, seed: int) -> float:
        """The loss of gradient descent with the same learning rate and number of steps."""
        return mnist_regression(self.examples).loss_of_descent(seed, self.lr, self.steps)


@dataclass(frozen=True)
class Outcome:
    """The final loss, and the first step that did not follow the rule, if any."""

    loss: float
    deviation: int | None


def _close(weights: Tensor, expected_weights: Tensor, velocity: Tensor, expected_velocity: Tensor) -> bool:
    return torch.allclose(weights, expected_weights, 1e-9, 1e-12) and torch.allclose(
        velocity, expected_velocity, 1e-9, 1e-12
    )


@dataclass(frozen=True)
class ChoiceRun:
    """The heavy ball with a chosen pair on the risk of two weights, from starts that the student does not see."""

    steps: int = 100
    exercise: str = "choose_momentum"
    quantity: str = "risk (nats) above its minimum after 100 steps, slowest of four starts"
    contrast_name: str = "gradient descent with its best learning rate"
    limit: float | None = 0.01  # the text of the exercise states it

    def slowest(self, lrs: Tensor, betas: Tensor, starts: Tensor, average: bool = False) -> Tensor:
        """For each pair, the risk above its minimum from the slowest of the starts.

        With `average`, the velocity is an exponential moving average of the gradients.
        """
        return two_weights.risks_above(lrs, betas, starts, self.steps, average).amax(1)

    def of_pair(self, lr: float, beta: float, starts: Tensor) -> float:
        """The same for one pair."""
        return float(
            self.slowest(torch.tensor([lr], dtype=torch.float64), torch.tensor([beta], dtype=torch.float64), starts)
        )

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The risk with the solver's pair."""
        lr, beta = solver.choose_momentum()
        return Measurement(self.of_pair(lr, beta, two_weights.starts(seed)), 0 <= beta < 1 and lr >= 0)

    def contrast(self, solver: Any, seed: int) -> float:
        """The risk without momentum, with the best of 25 learning rates for these starts."""
        lrs = torch.linspace(0.1, 2.5, 25, dtype=torch.float64)
        return float(self.slowest(lrs, torch.zeros_like(lrs), two_weights.starts(seed)).min())


MOMENTUM = MomentumRun()
CHOICE = ChoiceRun()
RUNS = {"mnist": MOMENTUM, "two_weights": CHOICE}
