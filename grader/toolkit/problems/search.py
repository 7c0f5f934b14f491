"""Objectives for section 3 besides the general ones."""

import dataclasses

import torch
from torch import Tensor


@dataclasses.dataclass(frozen=True)
class SmoothMaximum:
    """`log sum exp(matrix @ w)`: convex, with derivatives of every order; `matrix` is (m, d)."""

    matrix: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        return torch.logsumexp(self.matrix @ w, 0)
