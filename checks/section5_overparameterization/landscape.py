"""The landscape of section 5's pictures: the loss of a small network, and the paths of trainings through it."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.figures.gather import Array
from grader.toolkit.verdicts import WrongAnswerError

from ..shared.digits import small_images
from .programs import loss_of

EXAMPLES = 200
LR = 0.3  # of all trainings in this module
HIDDEN = 10  # units of the network in the pictures
STEPS = 100  # of its training


def images() -> tuple[Tensor, Tensor]:
    """Small images in float64, and their labels."""
    X, y = small_images(EXAMPLES)
    return X.double(), y.clone()


@lru_cache(maxsize=2)
def descent(seed: int) -> tuple[list[Tensor], ...]:
    """The weights and biases of a small network before each step of gradient descent, and after the last step."""
    X, y = images()
    generator = torch.Generator().manual_seed(seed)
    shapes = ((HIDDEN, X.shape[1]), (HIDDEN,), (10, HIDDEN), (10,))
    params = [
        torch.randn(shape, generator=generator, dtype=torch.float64) * shape[-1] ** -0.5 * (len(shape) > 1)
        for shape in shapes
    ]
    path = [params]
    for _ in range(STEPS):
        leaves = [p.detach().requires_grad_() for p in params]
        grads = torch.autograd.grad(loss_of(leaves, X, y), leaves)
        params = [p - LR * g for p, g in zip(params, grads, strict=True)]
        path.append(params)
    return tuple(path)


def flat(params: list[Tensor]) -> Tensor:
    return torch.cat([p.flatten() for p in params])


def flat_twin(functions: Any, state: dict[str, Tensor], order: list[int]) -> Tensor:
    """The entries of the student's permuted state as one long vector."""
    twin = functions.permute_hidden_units({name: entry.clone() for name, entry in state.items()}, list(order))
    if not isinstance(twin, dict) or list(twin) != list(state):
        raise WrongAnswerError("permute_hidden_units should return a dict with the names of the state.")
    return flat(list(twin.values()))


def parts(vector: Tensor) -> list[Tensor]:
    """One long vector as weights and biases."""
    shapes = [p.shape for p in descent(0)[0]]
    pieces = torch.split(vector, [shape.numel() for shape in shapes])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


def losses_at(states: Array) -> Array:
    """The loss of each long vector of weights (n, d)."""
    X, y = images()
    return np.array([float(loss_of(parts(state), X, y)) for state in torch.from_numpy(states)])
