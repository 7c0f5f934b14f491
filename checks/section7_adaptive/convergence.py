"""Adaptive methods on MNIST. Everything runs in the trusted process, except the submission's updates."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.convergence import Measurement

from ..shared.softmax_regression import mnist_regression


@dataclass
class State:
    """Weights, both moments (a rule may ignore one of them), and the number of the next step, from 1."""

    weights: Tensor
    moment: Tensor
    squares: Tensor
    step: int = 1

    def copy(self) -> "State":
        """A copy with its own tensors."""
        return State(self.weights.clone(), self.moment.clone(), self.squares.clone(), self.step)


@dataclass(frozen=True)
class AdaptiveRun:
    """Softmax regression on MNIST by full-batch updates of one rule, in float64.

    `ask(solver, state, gradient, lr)` returns the solver's state after a step; `rule(state, gradient, lr)` changes
    `state` by the definition.
    """

    ask: Callable[[Any, State, Tensor, float], State]
    rule: Callable[[State, Tensor, float], None]
    lr: float
    exercise: str
    examples: int = 500
    steps: int = 40
    contrast_name: str = "plain gradient descent"
    limit: float | None = None

    @property
    def quantity(self) -> str:
        """The name of the quantity that `measure` returns."""
        return f"training loss (nats) after {self.steps} calls of {self.exercise}"

    def train(self, solver: Any, seed: int) -> "AdaptiveOutcome":
        """Run the solver's update from the weights of `seed`.

        Gradients are computed here, from weights in this process. Each step is also compared with the rule: another
        optimizer that reaches the same loss is not accepted.
        """
        problem = mnist_regression(self.examples)
        weights = problem.start(seed)
        state = State(weights, torch.zeros_like(weights), torch.zeros_like(weights))
        deviation = None
        for step in range(1, self.steps + 1):
            gradient = problem.gradient(state.weights)
            expected = state.copy()
            self.rule(expected, gradient, self.lr)
            state = self.ask(solver, state, gradient, self.lr)
            if deviation is None and not _close(state, expected):
                deviation = step
        return AdaptiveOutcome(problem.loss(state.weights), deviation)

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The loss after the solver's updates."""
        outcome = self.train(solver, seed)
        return Measurement(outcome.loss, outcome.deviation is None)

    def contrast(self, solver: Any, seed: int) -> float:
        """The loss that gradient descent reaches with the same learning rate and steps."""
        return mnist_regression(self.examples).loss_of_descent(seed, self.lr, self.steps)


@dataclass(frozen=True)
class AdaptiveOutcome:
    """The loss at the end of a run, and the first step that did not follow the rule, if any."""

    loss: float
    deviation: int | None


def _close(state: State, expected: State) -> bool:
    """Squared gradients are small here, so the absolute tolerance is tiny."""
    return (
        torch.allclose(state.weights, expected.weights, 1e-9, 1e-12)
        and torch.allclose(state.moment, expected.moment, 1e-9, 1e-14)
        and torch.allclose(state.squares, expected.squares, 1e-9, 1e-18)
    )


def _ask_adagrad(solver: Any, state: State, gradient: Tensor, lr: float) -> State:
    _, after = solver.adagrad_step([state.weights], [gradient], [state.squares], lr=lr, eps=1e-10)
    return State(after.params[0], state.moment, after.square_sums[0], state.step + 1)


def _adagrad(state: State, gradient: Tensor, lr: float) -> None:
    state.squares += gradient**2
    state.weights -= lr * gradient / (state.squares.sqrt() + 1e-10)


def _ask_rmsprop(solver: Any, state: State, gradient: Tensor, lr: float) -> State:
    _, after = solver.rmsprop_step([state.weights], [gradient], [state.squares], lr=lr, alpha=0.99, eps=1e-8)
    return State(after.params[0], state.moment, after.square_averages[0], state.step + 1)


def _rmsprop(state: State, gradient: Tensor, lr: float) -> None:
    state.squares += 0.01 * (gradient**2 - state.squares)
    state.weights -= lr * gradient / (state.squares.sqrt() + 1e-8)


def _ask_adam(solver: Any, state: State, gradient: Tensor, lr: float) -> State:
    moments = [state.moment], [state.squares]
    memories = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    _, after = solver.adam_step([state.weights], [gradient], *moments, step=state.step, lr=lr, **memories)
    return State(after.params[0], after.first_moments[0], after.second_moments[0], state.step + 1)


def _adam(state: State, gradient: Tensor, lr: float) -> None:
    state.moment += 0.1 * (gradient - state.moment)
    state.squares += 0.001 * (gradient**2 - state.squares)
    size = state.squares.sqrt() / math.sqrt(1 - 0.999**state.step) + 1e-8
    state.weights -= lr * state.moment / (1 - 0.9**state.step) / size


ADAGRAD = AdaptiveRun(_ask_adagrad, _adagrad, lr=0.01, exercise="adagrad_step")
RMSPROP = AdaptiveRun(_ask_rmsprop, _rmsprop, lr=0.001, exercise="rmsprop_step")
ADAM = AdaptiveRun(_ask_adam, _adam, lr=0.003, exercise="adam_step")
RUNS = {"adagrad": ADAGRAD, "rmsprop": RMSPROP, "adam": ADAM}
