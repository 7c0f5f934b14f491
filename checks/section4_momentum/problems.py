"""Losses of section 4: functions of a list of parameters, which a check describes by numbers. The worker binds them."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from grader.toolkit import show

from ..shared.problems import starting_values


class Loss:
    """A loss of a list of parameters."""

    def value(self, params: list[Tensor]) -> Tensor:
        """The loss at `params`, a 0-d tensor."""
        raise NotImplementedError

    def bind(self, params: list[Tensor]) -> Callable[[], Tensor]:
        """The same without arguments: it reads these tensors themselves."""
        return lambda: self.value(params)


@dataclass(frozen=True)
class BowlLoss(Loss):
    """`1/2 w^T hessian w`, where w (d,) is all parameters in a row; `hessian` is symmetric (d, d)."""

    hessian: Tensor

    def value(self, params: list[Tensor]) -> Tensor:
        w = torch.cat([param.reshape(-1) for param in params])
        return 0.5 * w @ (self.hessian @ w)

    def __str__(self) -> str:
        return f"1/2 w^T H w, where w is all numbers of params in a row, H is {show.value(self.hessian)}"


@dataclass(frozen=True)
class SeparateLoss(Loss):
    """`1/2 sum(curvatures * w^2)`, a bowl without a matrix; `curvatures` is (d,)."""

    curvatures: Tensor

    def value(self, params: list[Tensor]) -> Tensor:
        w = torch.cat([param.reshape(-1) for param in params])
        return 0.5 * (self.curvatures * w * w).sum()

    def __str__(self) -> str:
        return f"1/2 sum(c * w^2), where w is all numbers of params in a row, c is {show.value(self.curvatures)}"


@dataclass(frozen=True)
class SquaredLoss(Loss):
    """Half the mean squared distance of a network's outputs from `targets` (n, outputs), for inputs `X` (n, inputs).

    The network has one hidden tanh layer.
    """

    X: Tensor
    targets: Tensor

    def value(self, params: list[Tensor]) -> Tensor:
        return (_outputs(params, self.X) - self.targets).square().sum(1).mean() / 2

    def __str__(self) -> str:
        return f"half the mean squared distance of Linear, Tanh, Linear from targets, for {len(self.X)} images"


@dataclass(frozen=True)
class NetworkLoss(Loss):
    """The mean cross-entropy of a network with one hidden tanh layer, for inputs `X` (n, inputs) and classes `y` (n,)."""

    X: Tensor
    y: Tensor

    @classmethod
    def small(cls, seed: int) -> tuple["NetworkLoss", list[Tensor]]:
        """A network of 2 inputs, 3 units and 2 classes on 6 examples, and its parameters."""
        (X,) = starting_values([(6, 2)], seed, 2.0, 0.0)
        return cls(X, torch.arange(6) % 2), starting_values([(3, 2), (3,), (2, 3), (2,)], 100 + seed, 1.0, 1.0)

    def value(self, params: list[Tensor]) -> Tensor:
        return cross_entropy(_outputs(params, self.X), self.y)

    def float(self) -> "NetworkLoss":
        """The same in float32."""
        return NetworkLoss(self.X.float(), self.y)

    def __str__(self) -> str:
        inputs, classes = show.value(self.X), show.value(self.y)
        return f"cross-entropy of Linear, Tanh, Linear with these params, for X = {inputs} and y = {classes}"


def _outputs(params: list[Tensor], X: Tensor) -> Tensor:
    first, first_bias, second, second_bias = params
    return torch.tanh(X @ first.T + first_bias) @ second.T + second_bias
