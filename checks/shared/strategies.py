"""Hypothesis strategies for optimisation problems. Values are short decimals, so that counterexamples read well.

All values shrink towards few small tensors with different, non-zero numbers: a counterexample with equal or zero
numbers teaches little.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit.strategies import clones, tensors

# One scale of numbers per role, simplest first: parameters start at 1, gradients at 2, state at 0.5.
_PARAMETERS = (1.0, 2.0, -1.0, 0.5, 3.0, -2.5, 0.0, 10.0)
_GRADIENTS = (2.0, -1.0, 4.0, 0.25, -3.0, 1.5, 0.0, 8.0)
_STATE = (0.5, -1.0, 1.5, 2.0, -0.25, 3.0, 0.0, 5.0)
_SHAPES: tuple[tuple[int, ...], ...] = ((1,), (2,), (), (2, 3), (3, 1))

LEARNING_RATES = (0.1, 0.5, 0.01, 1.0)  # other checks test 0: refusing it should not fail every check
MOMENTA = (0.9, 0.5, 0.99, 0.1)


@dataclass
class Update:
    """A problem for an update rule with one state tensor per parameter, over several steps.

    `params[i]`, `velocities[i]` and `gradients[step][i]` have one shape for each i.
    """

    params: list[Tensor]
    velocities: list[Tensor]
    gradients: list[list[Tensor]]
    lr: float
    beta: float

    def copy(self) -> "Update":
        """A copy whose tensors are its own."""
        gradients = [clones(grads) for grads in self.gradients]
        return Update(clones(self.params), clones(self.velocities), gradients, self.lr, self.beta)


@st.composite
def updates(draw: st.DrawFn, steps: int = 1, dtype: torch.dtype = torch.float64) -> Update:
    """Problems for an update rule with `steps` steps, from a non-zero state."""
    shapes = draw(st.lists(st.sampled_from(_SHAPES), min_size=1, max_size=3))

    def one_each(numbers: tuple[float, ...]) -> list[Tensor]:
        return [draw(tensors(shape, numbers, dtype)) for shape in shapes]

    return Update(
        params=one_each(_PARAMETERS),
        velocities=one_each(_STATE),
        gradients=[one_each(_GRADIENTS) for _ in range(steps)],
        lr=draw(st.sampled_from(LEARNING_RATES)),
        beta=draw(st.sampled_from(MOMENTA)),
    )


def in_turn(shapes: Sequence[tuple[int, ...]], numbers: Sequence[float], dtype: torch.dtype) -> list[Tensor]:
    """Tensors of these shapes, filled with `numbers` in order, repeatedly."""
    source = cycle(numbers)
    return [torch.tensor(list(islice(source, math.prod(shape))), dtype=dtype).reshape(shape) for shape in shapes]


def fixed_update(*shapes: tuple[int, ...], dtype: torch.dtype = torch.float64) -> Update:
    """A problem with one step on tensors of these shapes, from a non-zero state."""
    return Update(
        in_turn(shapes, _PARAMETERS, dtype),
        in_turn(shapes, _STATE, dtype),
        [in_turn(shapes, _GRADIENTS, dtype)],
        lr=0.1,
        beta=0.9,
    )


@dataclass(frozen=True)
class Spectrum:
    """A symmetric positive definite matrix (d, d) with known eigenvalues."""

    matrix: Tensor
    eigenvalues: Tensor

    @property
    def largest(self) -> float:
        return float(self.eigenvalues.max())

    @property
    def smallest(self) -> float:
        return float(self.eigenvalues.min())


_CURVATURES = (1.0, 4.0, 2.0, 0.5, 10.0, 0.25, 50.0)


@st.composite
def spectra(draw: st.DrawFn, max_dim: int = 4, dtype: torch.dtype = torch.float64) -> Spectrum:
    """Symmetric positive definite matrices with known eigenvalues, rotated by a reflection; simplest: diagonal."""
    eigenvalues = torch.tensor(draw(st.lists(st.sampled_from(_CURVATURES), min_size=1, max_size=max_dim)), dtype=dtype)
    dim = len(eigenvalues)
    mirror = torch.tensor(draw(st.lists(st.sampled_from((0.0, 1.0, -2.0)), min_size=dim, max_size=dim)), dtype=dtype)
    turned = reflect(torch.diag(eigenvalues), mirror)
    return Spectrum((turned + turned.T) / 2, eigenvalues)


def reflect(matrix: Tensor, normal: Tensor) -> Tensor:
    """`Q matrix Q^T` for the Householder reflection Q along `normal` (d,); the matrix itself if that is zero."""
    length = float(normal @ normal)
    if length == 0:
        return matrix
    mirror = torch.eye(len(normal), dtype=matrix.dtype) - (2 / length) * torch.outer(normal, normal)
    return mirror @ matrix @ mirror
