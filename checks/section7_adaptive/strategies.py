"""Strategies for update rules that divide by the size of past gradients, for sizes of steps, and for sweeps.

Values are short decimals. Everything shrinks towards few, small tensors with distinct, non-zero numbers.
"""

from dataclasses import dataclass, replace

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit.strategies import clones, tensors

from ..shared.strategies import in_turn

_SHAPES: tuple[tuple[int, ...], ...] = ((1,), (2,), (), (2, 3), (3, 1))
_WEIGHTS = (1.0, 2.0, -1.0, 0.5, 3.0, -2.5, 0.0, 10.0)
_GRADIENTS = (2.0, -1.0, 4.0, 0.25, -3.0, 1.5, 0.0, 8.0)
_MOMENTS = (0.5, -1.0, 1.5, 2.0, -0.25, 3.0, 0.0, 5.0)
_SQUARES = (9.0, 4.0, 0.25, 1.0, 25.0, 0.0, 16.0, 100.0)

_LEARNING_RATES = (0.1, 0.5, 0.01, 1.0)
# Large enough to show where a submission adds eps, and to prevent huge steps, whose rounding would show in the next step.
_EPSILONS = (0.1, 1.0, 0.01)
_MEMORIES = (0.9, 0.5, 0.99)  # shares of the old average that remain
_FIRST_STEPS = (1, 2, 5, 30)


@dataclass(frozen=True)
class AdaptiveUpdate:
    """A problem for Adagrad, RMSprop or Adam over several steps. Each rule uses the fields that it needs.

    `params[i]`, `moments[i]`, `squares[i]` and `gradients[step][i]` have the same shape for each i. `squares` are not
    negative. The number of the first step is `first_step`, counted from 1.
    """

    params: list[Tensor]
    moments: list[Tensor]
    squares: list[Tensor]
    gradients: list[list[Tensor]]
    first_step: int = 1
    lr: float = 0.1
    eps: float = 0.1
    alpha: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.99

    def copy(self) -> "AdaptiveUpdate":
        """A copy with its own tensors."""
        return replace(
            self,
            params=clones(self.params),
            moments=clones(self.moments),
            squares=clones(self.squares),
            gradients=[clones(grads) for grads in self.gradients],
        )

    def numbered(self) -> list[tuple[int, list[Tensor]]]:
        """The gradients of each step, with the number of the step."""
        return list(enumerate(self.gradients, self.first_step))


@st.composite
def adaptive_updates(draw: st.DrawFn, steps: int = 1, dtype: torch.dtype = torch.float64) -> AdaptiveUpdate:
    """Problems with `steps` steps, from a state that is not zero."""
    shapes = draw(st.lists(st.sampled_from(_SHAPES), min_size=1, max_size=3))

    def one_each(numbers: tuple[float, ...]) -> list[Tensor]:
        return [draw(tensors(shape, numbers, dtype)) for shape in shapes]

    return AdaptiveUpdate(
        params=one_each(_WEIGHTS),
        moments=one_each(_MOMENTS),
        squares=one_each(_SQUARES),
        gradients=[one_each(_GRADIENTS) for _ in range(steps)],
        first_step=draw(st.sampled_from(_FIRST_STEPS)),
        lr=draw(st.sampled_from(_LEARNING_RATES)),
        eps=draw(st.sampled_from(_EPSILONS)),
        alpha=draw(st.sampled_from(_MEMORIES)),
        beta1=draw(st.sampled_from((*_MEMORIES, 0.0))),
        beta2=draw(st.sampled_from((0.99, 0.9, 0.999, 0.5))),
    )


def fixed_adaptive_update(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float64) -> AdaptiveUpdate:
    """The problem of one step on tensors of these shapes, the first with a state that is not zero."""
    return AdaptiveUpdate(
        params=in_turn(shapes, _WEIGHTS, dtype),
        moments=in_turn(shapes, _MOMENTS, dtype),
        squares=in_turn(shapes, _SQUARES, dtype),
        gradients=[in_turn(shapes, _GRADIENTS, dtype)],
        first_step=2,
    )


def from_zero_state(start: Tensor, gradients: Tensor, lr: float, eps: float) -> AdaptiveUpdate:
    """A new run on one weight tensor `start`, with one row of `gradients` for each step."""
    zeros = torch.zeros_like
    rows = [[row.clone()] for row in gradients]
    return AdaptiveUpdate([start.clone()], [zeros(start)], [zeros(start)], rows, lr=lr, eps=eps)


@st.composite
def weights_and_updates(draw: st.DrawFn) -> tuple[list[Tensor], list[Tensor]]:
    """Weight tensors and an update of each; no entry is zero, and updates are small, as large as the weights, or larger."""
    shapes = draw(st.lists(st.sampled_from(_SHAPES), min_size=1, max_size=3))
    weights = [draw(tensors(shape, (2.0, 1.0, -3.0, 0.5, 10.0), torch.float64)) for shape in shapes]
    updates = [draw(tensors(shape, (0.1, -0.02, 0.5, 0.001, 40.0), torch.float64)) for shape in shapes]
    return weights, updates


@dataclass(frozen=True)
class Sweep:
    """The losses of one run for each learning rate, a tolerance, and the right verdicts."""

    curves: dict[float, list[float]]
    tolerance: float
    verdicts: dict[float, str]


_RATES = (0.1, 0.01, 1.0, 0.03, 0.3, 3.0)
# How far the loss of a run falls. A negative number is a rise. No tolerance is near the quotient of two of them.
_FALLS = (1.0, 0.5, 0.97, 0.2, 0.05, -0.5, -20.0)
_BETWEEN = (1.0, 0.0, 3.0, -5.0, 100.0)


@st.composite
def sweeps(draw: st.DrawFn, tolerances: tuple[float, ...] = (0.1,)) -> Sweep:
    """Runs of finite losses from one first loss, in any order of the rates. No two falls are equal.

    In between, a loss may have any value, also above the first or below the last.
    """
    rates = draw(st.lists(st.sampled_from(_RATES), min_size=2, max_size=5, unique=True))
    falls = draw(st.lists(st.sampled_from(_FALLS), min_size=len(rates), max_size=len(rates), unique=True))
    first, tolerance = draw(st.sampled_from((2.0, 0.5, -1.0))), draw(st.sampled_from(tolerances))
    curves = {
        lr: [first, *draw(st.lists(st.sampled_from(_BETWEEN), max_size=2)), first - fall]
        for lr, fall in zip(rates, falls, strict=True)
    }
    best_fall, best_lr = max(zip(falls, rates, strict=True))

    def verdict(lr: float, fall: float) -> str:
        if fall < 0:
            return "diverges"
        if fall >= (1 - tolerance) * best_fall:
            return "good"
        return "too low" if lr < best_lr else "too high"

    return Sweep(curves, tolerance, {lr: verdict(lr, fall) for lr, fall in zip(rates, falls, strict=True)})
