"""Objectives of section 3."""

import dataclasses

import torch
from torch import Tensor

from grader.toolkit import show


@dataclasses.dataclass(frozen=True)
class SmoothMaximum:
    """`log sum exp(matrix @ w)`: convex, with derivatives of every order; `matrix` is (m, d)."""

    matrix: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        return torch.logsumexp(self.matrix @ w, 0)

    def __str__(self) -> str:
        return f"w -> torch.logsumexp(M @ w, 0), where M is {show.value(self.matrix)}"


@dataclasses.dataclass(frozen=True)
class Composition:
    """`sum(f_n(M_n f_(n-1)(... f_1(M_1 w))))`: matrices, and elementwise `functions` of torch."""

    matrices: list[Tensor]
    functions: list[str]

    def __call__(self, w: Tensor) -> Tensor:
        for matrix, name in zip(self.matrices, self.functions, strict=True):
            w = getattr(torch, name)(matrix @ w)
        return w.sum()

    def __str__(self) -> str:
        inner = "w"
        for number, name in enumerate(self.functions, 1):
            inner = f"{name}(M{number} @ {inner})"
        values = ", ".join(f"M{number} is {show.value(matrix)}" for number, matrix in enumerate(self.matrices, 1))
        return f"w -> sum({inner}), where {values}"


@dataclasses.dataclass(frozen=True)
class RoundBowl:
    """`curvature / 2 * |w - minimum|^2`: a bowl, or a hill if `curvature` is negative; `minimum` is (d,).

    It accepts weights of any dtype, so that a wrong dtype shows in the result.
    """

    minimum: Tensor
    curvature: float = 1.0

    def __call__(self, w: Tensor) -> Tensor:
        # In torch.func.jacfwd, a number times a 0-d tensor would be float64 for any dtype of w.
        return (0.5 * self.curvature * (w - self.minimum) ** 2).sum()

    def __str__(self) -> str:
        factor = f"{show.value(0.5 * float(self.curvature))} * "
        return f"w -> {factor}sum((w - m)^2), where m is {show.value(self.minimum)}"


@dataclasses.dataclass(frozen=True)
class DoubleWell:
    """`w^4 / 4 - w^2 + tilt * w`, summed over all entries: two valleys and a hill along each axis."""

    tilt: float

    def __call__(self, w: Tensor) -> Tensor:
        return (w**4 / 4 - w**2 + self.tilt * w).sum()

    def __str__(self) -> str:
        return f"w -> sum(w^4 / 4 - w^2 + {show.value(self.tilt)} * w)"


@dataclasses.dataclass(frozen=True)
class LinearClassifier:
    """Mean cross-entropy of softmax regression, all weights in one vector; `features` (n, d), `targets` one-hot (n, K)."""

    features: Tensor
    targets: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        logits = self.features @ w.reshape(self.features.shape[1], self.targets.shape[1])
        return (torch.logsumexp(logits, 1) - (logits * self.targets).sum(1)).mean()

    def __str__(self) -> str:
        return f"w -> the mean cross-entropy of a linear classifier with {self.features.shape[1]} inputs"


@dataclasses.dataclass(frozen=True)
class TwoWeightRisk:
    """Mean cross-entropy of two classes with the score `inputs @ w`; `inputs` (n, 2), `is_second` (n,) 1 or 0."""

    inputs: Tensor
    is_second: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        scores = self.inputs @ w
        return (torch.nn.functional.softplus(scores) - self.is_second * scores).mean()

    def __str__(self) -> str:
        return "w -> the mean cross-entropy of a linear classifier with two weights"
