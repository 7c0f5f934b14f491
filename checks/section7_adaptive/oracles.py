"""Oracles for Adagrad, RMSprop and Adam, independent of the course's own code, and comparisons with them.

Each `Rule` has two forms: the functions behind `torch.optim`, and arithmetic on a single weight. All three rules have
one interface, so the comparisons work for each of them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop

from grader.toolkit.closeness import expect
from grader.toolkit.steps import Steps
from grader.toolkit.strategies import clones
from grader.toolkit.tensors import with_gaps
from grader.toolkit.thresholds import threshold

from . import convergence as mnist_runs
from .strategies import AdaptiveUpdate, fixed_adaptive_update, from_zero_state

# (student, problem, gradients, number of the step): the problem with the weights and the state after the step
Ask = Callable[[Any, AdaptiveUpdate, list[Tensor], int], AdaptiveUpdate]
Oracle = Callable[
    [AdaptiveUpdate, list[Tensor], int], None
]  # (problem, gradients, number of the step): changes the problem


# -- the request to a submission: one step on copies of the problem's tensors


def _ask_adagrad(student: Any, problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> AdaptiveUpdate:
    _, after = student.adagrad_step(problem.params, grads, problem.squares, lr=problem.lr, eps=problem.eps)
    return replace(problem, params=after.params, squares=after.square_sums)


def _ask_rmsprop(student: Any, problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> AdaptiveUpdate:
    numbers = {"lr": problem.lr, "alpha": problem.alpha, "eps": problem.eps}
    _, after = student.rmsprop_step(problem.params, grads, problem.squares, **numbers)
    return replace(problem, params=after.params, squares=after.square_averages)


def _ask_adam(student: Any, problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> AdaptiveUpdate:
    _, after = student.adam_step(
        problem.params, grads, problem.moments, problem.squares, step=step, lr=problem.lr,
        beta1=problem.beta1, beta2=problem.beta2, eps=problem.eps,
    )  # fmt: skip
    return replace(problem, params=after.params, moments=after.first_moments, squares=after.second_moments)


# -- the rules behind torch.optim, in their functional form: the classes take a second to construct


def _steps_before(problem: AdaptiveUpdate, step: int) -> list[Tensor]:
    """The number of earlier steps, in one tensor per weight tensor, as torch counts them."""
    return [torch.tensor(float(step - 1)) for _ in problem.params]


def _torch_adagrad(problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> None:
    adagrad(
        problem.params, clones(grads), problem.squares, _steps_before(problem, step), foreach=False,
        lr=problem.lr, weight_decay=0.0, lr_decay=0.0, eps=problem.eps, maximize=False,
    )  # fmt: skip


def _torch_rmsprop(problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> None:
    rmsprop(
        problem.params, clones(grads), problem.squares, [], [], _steps_before(problem, step), foreach=False,
        lr=problem.lr, alpha=problem.alpha, eps=problem.eps, weight_decay=0.0, momentum=0.0, centered=False,
    )  # fmt: skip


def _torch_adam(problem: AdaptiveUpdate, grads: list[Tensor], step: int) -> None:
    adam(
        problem.params, clones(grads), problem.moments, problem.squares, [], _steps_before(problem, step),
        foreach=False, amsgrad=False, beta1=problem.beta1, beta2=problem.beta2, lr=problem.lr, weight_decay=0.0,
        eps=problem.eps, maximize=False,
    )  # fmt: skip


def decayed_lr(lr0: float, step: int, decay: float) -> float:
    """The learning rate of torch.optim.Adagrad with `lr_decay` at a step, from 0: how far a gradient of 1 moves 0."""
    weight, sums = torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    adagrad(
        [weight], [torch.ones_like(weight)], [sums], [torch.tensor(float(step))], foreach=False,
        lr=lr0, weight_decay=0.0, lr_decay=decay, eps=0.0, maximize=False,
    )  # fmt: skip
    return -float(weight)


# -- arithmetic on one weight


@dataclass
class OneWeight:
    """A weight with its state."""

    w: float
    m: float = 0.0
    s: float = 0.0


ScalarRule = Callable[[OneWeight, float, int, AdaptiveUpdate], None]  # (weight, gradient, number of the step, problem)


def _adagrad_scalar(one: OneWeight, g: float, step: int, problem: AdaptiveUpdate) -> None:
    one.s += g * g
    one.w -= problem.lr * g / (math.sqrt(one.s) + problem.eps)


def _rmsprop_scalar(one: OneWeight, g: float, step: int, problem: AdaptiveUpdate) -> None:
    one.s = problem.alpha * one.s + (1 - problem.alpha) * g * g
    one.w -= problem.lr * g / (math.sqrt(one.s) + problem.eps)


def _adam_scalar(one: OneWeight, g: float, step: int, problem: AdaptiveUpdate) -> None:
    one.m = problem.beta1 * one.m + (1 - problem.beta1) * g
    one.s = problem.beta2 * one.s + (1 - problem.beta2) * g * g
    root = math.sqrt(one.s / (1 - problem.beta2**step))
    one.w -= problem.lr * one.m / (1 - problem.beta1**step) / (root + problem.eps)


def scalar_path(rule: ScalarRule, problem: AdaptiveUpdate) -> list[Tensor]:
    """The weights after each step of a problem with one vector of weights, each weight computed separately."""
    ones = [
        OneWeight(*numbers)
        for numbers in zip(
            problem.params[0].tolist(), problem.moments[0].tolist(), problem.squares[0].tolist(), strict=True
        )
    ]
    path = []
    for step, grads in problem.numbered():
        for one, g in zip(ones, grads[0].tolist(), strict=True):
            rule(one, g, step, problem)
        path.append(torch.tensor([one.w for one in ones], dtype=torch.float64))
    return path


# -- the three rules


@dataclass(frozen=True)
class Rule:
    """An update rule: the request for a step, two oracles, the run on MNIST, and the names of its state."""

    name: str
    ask: Ask
    torch: Oracle
    scalar: ScalarRule
    run: mnist_runs.AdaptiveRun
    squares: str
    moments: str | None = None

    def state(self, problem: AdaptiveUpdate) -> dict[str, list[Tensor]]:
        """The rule's memory and the weights, by the names that students see."""
        moments = {self.moments: problem.moments} if self.moments else {}
        return moments | {self.squares: problem.squares, "weights": problem.params}


ADAGRAD = Rule("Adagrad", _ask_adagrad, _torch_adagrad, _adagrad_scalar, mnist_runs.ADAGRAD, "sum of squares")
RMSPROP = Rule("RMSprop", _ask_rmsprop, _torch_rmsprop, _rmsprop_scalar, mnist_runs.RMSPROP, "average of squares")
ADAM = Rule("Adam", _ask_adam, _torch_adam, _adam_scalar, mnist_runs.ADAM, "second moment", "first moment")


# -- comparisons


def expect_follows(
    student: Any, problem: AdaptiveUpdate, rule: Rule, oracle: Oracle, own: AdaptiveUpdate | None = None
) -> None:
    """State and weights must be the oracle's after every step. The student may get `own`: a problem in other tensors."""
    expected, own = problem.copy(), own or problem
    steps = Steps(rule.state(problem), problem.first_step)
    for step, grads in own.numbered():
        oracle(expected, clones(grads), step)
        own = rule.ask(student, own, grads, step)
        right = rule.state(expected.copy())  # the oracle goes on in place
        steps.expect_close({label: (got, right[label]) for label, got in rule.state(own).items()})


def expect_same_path(student: Any, problem: AdaptiveUpdate, rule: Rule, path: Sequence[Tensor]) -> None:
    """The weights of a problem with one weight tensor must follow `path`, one entry per step."""
    steps = Steps({"weights": problem.params}, problem.first_step)
    for (step, grads), expected in zip(problem.numbered(), path, strict=True):
        problem = rule.ask(student, problem, grads, step)
        steps.expect_close({"weights": (problem.params, [expected])})


_START = torch.tensor([1.0, 2.0, -1.0, 0.5, 3.0, -2.5], dtype=torch.float64)
_GRADIENTS = torch.tensor(
    [[2.0, -1.0, 4.0, 0.25, -3.0, 1.5], [0.5, -8.0, 1.0, 2.0, 3.0, -1.5], [-1.0, 0.25, 2.0, -4.0, 1.0, 8.0]],
    dtype=torch.float64,
)


def expect_scale_is_ignored(student: Any, rule: Rule) -> None:
    """The path must be the same for multiples of the loss. eps is too small to have an effect."""
    problem = from_zero_state(_START, _GRADIENTS, lr=0.1, eps=1e-15)
    path = scalar_path(rule.scalar, problem)
    for scale in (1000.0, 0.001):
        scaled = from_zero_state(_START, scale * _GRADIENTS, lr=0.1, eps=1e-15)
        expect_same_path(student, scaled, rule, path)


def expect_each_weight_alone(student: Any, rule: Rule) -> None:
    """Six weights, in another order or in other tensors, must follow the same paths as separate weights."""
    start, gradients = _START, _GRADIENTS
    path = scalar_path(rule.scalar, from_zero_state(start, gradients, lr=0.1, eps=0.1))
    order = torch.tensor([3, 5, 0, 4, 2, 1])
    reordered = from_zero_state(start[order], gradients[:, order], lr=0.1, eps=0.1)
    expect_same_path(student, reordered, rule, [row[order] for row in path])
    matrix = from_zero_state(start.reshape(2, 3), gradients.reshape(-1, 2, 3), lr=0.1, eps=0.1)
    expect_same_path(student, matrix, rule, [row.reshape(2, 3) for row in path])
    apart = AdaptiveUpdate(
        params=clones(start.unbind()),
        moments=[torch.zeros_like(w) for w in start],
        squares=[torch.zeros_like(w) for w in start],
        gradients=[clones(row.unbind()) for row in gradients],
        lr=0.1,
        eps=0.1,
    )
    steps = Steps({"weights": apart.params})
    for (step, grads), row in zip(apart.numbered(), path, strict=True):
        apart = rule.ask(student, apart, grads, step)
        steps.expect_close({"weights": (apart.params, list(row.unbind()))})


def expect_accepts_any_layout(student: Any, rule: Rule) -> None:
    """One step in float32 on non-contiguous tensors, with weights that require grad."""
    for shapes in ([(1,)], [(2, 3), (2,), ()]):
        problem = fixed_adaptive_update(*shapes, dtype=torch.float32)
        stretched = replace(
            problem,
            params=[with_gaps(w).requires_grad_() for w in problem.params],
            moments=[with_gaps(m) for m in problem.moments],
            squares=[with_gaps(s) for s in problem.squares],
            gradients=[[with_gaps(g) for g in grads] for grads in problem.gradients],
        )
        expect_follows(student, problem, rule, rule.torch, stretched)


def expect_trains_mnist(student: Any, note: Callable[[str], None], rule: Rule) -> None:
    """The run must reach the calibrated loss by this rule.

    The threshold is measured: a right answer misses it with a probability of at most 1e-6, see docs/thresholds.md.
    """
    run, name = rule.run, rule.name
    bound = threshold(__file__, name.lower())
    outcome = run.train(student, seed=0)
    note(f"on MNIST, loss {outcome.loss:.3f} after {run.steps} steps; plain gradient descent {bound.contrast:.3f}")
    expect(
        outcome.loss <= bound.threshold,
        f"After {run.steps} steps on MNIST, the loss is {outcome.loss:.3f}; {name} reaches {bound.threshold:.3f}.",
    )
    expect(
        outcome.deviation is None,
        f"Step {outcome.deviation} on MNIST does not follow the rule of {name.lower()}_step, though small examples do.",
    )
