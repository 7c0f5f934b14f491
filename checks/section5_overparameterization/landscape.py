"""The landscape of section 5's pictures: the loss of a small network, and the paths of trainings through it."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from grader.figures.gather import Array

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


def parts(vector: Tensor) -> list[Tensor]:
    """One long vector as weights and biases."""
    shapes = [p.shape for p in descent(0)[0]]
    pieces = torch.split(vector, [shape.numel() for shape in shapes])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


@lru_cache(maxsize=1)
def plane_of_path() -> tuple[Tensor, Array]:
    """The two directions (2, d) in which the path of the training varies most: orthogonal, of length 1.

    Also where each point of the path lies in their plane, relative to its end: (steps + 1, 2).
    """
    path = torch.stack([flat(params) for params in descent(0)])
    offsets = path - path[-1]
    _, _, axes = torch.linalg.svd(offsets, full_matrices=False)
    # The library chooses the signs. Choose them so that the path starts at the top right.
    axes = axes[:2] * torch.sign(offsets[0] @ axes[:2].T)[:, None]
    return axes, (offsets @ axes.T).numpy()


def losses_at(states: Array) -> Array:
    """The loss of each long vector of weights (n, d)."""
    X, y = images()
    return np.array([float(loss_of(parts(state), X, y)) for state in torch.from_numpy(states)])
