"""Objectives and initial values of several sections.

An objective maps a 1-D tensor (d,) to the value to minimise. The tensor may require grad; `.backward()` and
`torch.func.grad` both work.
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
    """`sum(w^4) / 4 + slope . w`, whose curvature is not constant; `slope` is (d,)."""

    slope: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        return (w**4).sum() / 4 + self.slope @ w

    def __str__(self) -> str:
        return f"w -> sum(w^4) / 4 + s . w, where s is {show.value(self.slope)}"


def spread_spectrum(kappa: float, dim: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """A diagonal Hessian (dim, dim) with eigenvalues spaced evenly on a log axis from 1 to `kappa`."""
    return torch.diag(torch.logspace(0.0, torch.log10(torch.tensor(kappa)).item(), dim, dtype=dtype))


def starting_values(shapes: Sequence[Sequence[int]], seed: int, weight_scale: float, bias_scale: float) -> list[Tensor]:
    """Normal random float64 tensors of these shapes; `weight_scale` and `bias_scale` are the standard deviations."""
    generator = torch.Generator().manual_seed(seed)
    return [
        (weight_scale if len(shape) > 1 else bias_scale)
        * torch.randn(tuple(shape), generator=generator, dtype=torch.float64)
        for shape in shapes
    ]
