"""Training on MNIST with the submission's network and loss, judged here on held-out images."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.closeness import expect_close
from grader.toolkit.convergence import Measurement

from ..shared.digits import examples
from ..shared.problems import starting_values
from ..shared.softmax_regression import CLASSES
from . import programs as erm
from .oracles import layers_of, logits_of, mean_cross_entropy

# Training in float64, in the worker and here, gives parameters of the reference that differ by at most 1e-12. In
# float32 some seeds gave 0.01, because a ReLU switched a step later. One step more or fewer, or a learning rate that is
# 1 % off, changes parameters by 4e-3 or more.
CLOSE = 1e-4


@dataclass(frozen=True)
class Outcome:
    """The result of a run: risk on training and on held-out images, error rate on held-out images.

    `deviation` is the largest distance of a parameter from the result of gradient descent on the cross-entropy of an
    MLP.
    """

    empirical_risk: float
    held_out_risk: float
    error_rate: float
    deviation: float


@dataclass(frozen=True)
class ErmRun:
    """Full-batch gradient descent on an MLP with one hidden layer. Numbers of units differ, so that shapes identify
    layers."""

    examples: int = 1000
    held_out: int = 2000
    hidden: int = 20
    steps: int = 40
    lr: float = 0.2
    exercise: str = "cross_entropy"
    quantity: str = "share of 2,000 held-out images misread after 40 steps"
    contrast_name: str = "the untrained network"
    limit: float | None = None

    def train(self, solver: Any, seed: int) -> Outcome:
        """Train `solver`'s network with `solver`'s loss, and judge the returned parameters.

        Only training images are sent. The same run is computed here by the definitions: a low error rate is not enough,
        the parameters must agree.
        """
        data = examples(False, self.examples)
        trained = solver.run(erm.train_mlp, (self.hidden,), data.X.double(), data.y, self.lr, self.steps, seed)
        expect_close({"number of trained parameters": (len(trained), 4)})
        trained = [parameter.detach().double() for parameter in trained]
        expected = self._expected([tuple(parameter.shape) for parameter in trained], seed)
        deviations = torch.stack([(a - b).abs().max() for a, b in zip(trained, expected, strict=True)])
        held_out = examples(True, self.held_out)
        logits = self._logits(trained, held_out.X)
        return Outcome(
            empirical_risk=float(mean_cross_entropy(self._logits(trained, data.X), data.y)),
            held_out_risk=float(mean_cross_entropy(logits, held_out.y)),
            error_rate=_error_rate(logits, held_out.y),
            deviation=float(deviations.max()),
        )

    def measure(self, solver: Any, seed: int) -> Measurement:
        """Error rate on held-out images after training."""
        outcome = self.train(solver, seed)
        return Measurement(outcome.error_rate, outcome.deviation <= CLOSE)

    def contrast(self, solver: Any, seed: int) -> float:
        """Error rate on held-out images before training."""
        shapes = [(self.hidden, 784), (self.hidden,), (CLASSES, self.hidden), (CLASSES,)]
        untrained = starting_values(shapes, seed, erm.TRAINING_SCALE, 0.0)
        held_out = examples(True, self.held_out)
        return _error_rate(self._logits(untrained, held_out.X), held_out.y)

    def _expected(self, shapes: list[tuple[int, ...]], seed: int) -> list[Tensor]:
        """The parameters after the same run by the definitions."""
        data = examples(False, self.examples)
        parameters = starting_values(shapes, seed, erm.TRAINING_SCALE, 0.0)
        for _ in range(self.steps):
            for parameter in parameters:
                parameter.requires_grad_()
            loss = mean_cross_entropy(self._logits(parameters, data.X), data.y)
            gradients = torch.autograd.grad(loss, parameters)
            parameters = [(p - self.lr * g).detach() for p, g in zip(parameters, gradients, strict=True)]
        return parameters

    def _logits(self, parameters: list[Tensor], X: Tensor) -> Tensor:
        return logits_of(layers_of(parameters, (X.shape[1], self.hidden, CLASSES)), X.to(parameters[0].dtype))


def _error_rate(logits: Tensor, targets: Tensor) -> float:
    return float((logits.argmax(1) != targets).double().mean())


ERM = ErmRun()
RUNS = {"mnist": ERM}
