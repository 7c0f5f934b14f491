"""Objectives of several sections, and values to start from.

An objective is a function of a 1-D tensor (d,) to minimise. It is callable on a tensor that may require grad, and safe for both
`.backward()` and `torch.func.grad`.
"""

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor

from grader.toolkit import show


@dataclasses.dataclass(frozen=True)
class Quadratic:
    """`1/2 (w - minimum)^T hessian (w - minimum)`; `hessian` is symmetric (d, d), `minimum` (d,)."""

    hessian: Tensor
    minimum: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        offset = w - self.minimum
        return 0.5 * offset @ (self.hessian @ offset)

    def __str__(self) -> str:
        if not bool(self.minimum.any()):
            return f"w -> 1/2 w^T H w, where H is {show.value(self.hessian)}"
        return f"w -> 1/2 (w - m)^T H (w - m), where H is {show.value(self.hessian)}, m is {show.value(self.minimum)}"


@dataclasses.dataclass(frozen=True)
class Quartic:
    """`sum(w^4) / 4 + slope . w`: curvature that changes from place to place; `slope` is (d,)."""

    slope: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        return (w**4).sum() / 4 + self.slope @ w

    def __str__(self) -> str:
        return f"w -> sum(w^4) / 4 + s . w, where s is {show.value(self.slope)}"


def spread_spectrum(kappa: float, dim: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """A diagonal Hessian (dim, dim) with eigenvalues spaced evenly on a log axis from 1 to `kappa`."""
    return torch.diag(torch.logspace(0.0, torch.log10(torch.tensor(kappa)).item(), dim, dtype=dtype))


def starting_values(shapes: Sequence[Sequence[int]], seed: int, weight_scale: float, bias_scale: float) -> list[Tensor]:
    """Normal random float64 tensors of these shapes, with one standard deviation for matrices and one for vectors."""
    generator = torch.Generator().manual_seed(seed)
    return [
        (weight_scale if len(shape) > 1 else bias_scale)
        * torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
        for shape in shapes
    ]
