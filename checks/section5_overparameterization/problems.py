"""Networks that a check describes by numbers. The worker builds them."""

import dataclasses
from itertools import pairwise

import torch
from torch import nn

from grader.toolkit import show


@dataclasses.dataclass(frozen=True)
class NetworkPlan:
    """A network of linear layers of the given `sizes`, whose parameters count in different ways.

    `frozen` lists the layers that do not train; `tied` gives a square layer a twin that shares its tensors;
    `normalised` adds batch normalisation, with its buffers, after every layer except the last.
    """

    sizes: list[int]
    frozen: list[int]
    tied: bool = False
    normalised: bool = False

    def build(self) -> nn.Module:
        """Build the network."""
        layers: list[nn.Module] = []
        for place, (inputs, outputs) in enumerate(pairwise(self.sizes)):
            layer = nn.Linear(inputs, outputs)
            layer.requires_grad_(place not in self.frozen)
            layers += [layer, nn.BatchNorm1d(outputs)] if self._is_normalised(place) else [layer]
            if self.tied and inputs == outputs:
                twin = nn.Linear(inputs, outputs)
                twin.weight, twin.bias = layer.weight, layer.bias
                layers += [nn.ReLU(), twin]
        if self.tied:  # neighbours: a count per layer counts the shared tensors twice
            return nn.Sequential(*layers)
        return nn.Sequential(nn.Sequential(*layers[:-1]), layers[-1])  # one layer is nested deeper than the other

    def __str__(self) -> str:
        layers = []
        for place, (inputs, outputs) in enumerate(pairwise(self.sizes)):
            frozen = " frozen" if place in self.frozen else ""
            layers.append(f"Linear({inputs}, {outputs}){frozen}")
            layers += [f"BatchNorm1d({outputs})"] if self._is_normalised(place) else []
            layers += (
                ["ReLU", f"Linear({inputs}, {outputs}) with the same tensors"]
                if self.tied and inputs == outputs
                else []
            )
        return ", ".join(layers)

    def _is_normalised(self, place: int) -> bool:
        return self.normalised and place < len(self.sizes) - 2


@dataclasses.dataclass(frozen=True)
class MixedNetwork:
    """A convolution without bias, a linear layer, and a parameter `scale`. Those named in `frozen` do not train."""

    frozen: list[str]

    def build(self) -> nn.Module:
        """Build the network."""
        network = nn.Module()
        network.inner = nn.Sequential(nn.Conv2d(2, 3, 2, bias=False))
        network.linear = nn.Linear(5, 4)
        network.scale = nn.Parameter(torch.ones(7))
        for name in self.frozen:
            network.get_parameter(name).requires_grad_(False)
        return network

    def __str__(self) -> str:
        frozen = f", frozen: {', '.join(self.frozen)}" if self.frozen else ""
        return f"Conv2d(2, 3, 2, bias=False), linear = Linear(5, 4), scale = nn.Parameter(torch.ones(7)){frozen}"


@dataclasses.dataclass(frozen=True)
class FailingQuadratic:
    """A quadratic loss of a list of tensors, `sum of scale * p^2 + p`. It raises at evaluation number `fails_at`."""

    scale: float
    fails_at: int | None = None

    def __str__(self) -> str:
        error = (
            ""
            if self.fails_at is None
            else f"; raises ArithmeticError when it is called for the {_nth(self.fails_at)} time"
        )
        return f"the sum of {show.value(self.scale)} * p^2 + p over all numbers p in params{error}"

    def bind(self, params: list[torch.Tensor]) -> "BoundQuadratic":
        """The loss of these tensors themselves, with its own count."""
        return BoundQuadratic(self, params)

    def value(self, params: list[torch.Tensor]) -> torch.Tensor:
        """The loss of `params`."""
        return torch.stack([(self.scale * p * p + p).sum() for p in params]).sum()


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


class BoundQuadratic:
    """A loss without arguments that reads the parameters themselves."""

    def __init__(self, loss: FailingQuadratic, params: list[torch.Tensor]) -> None:
        self._loss, self._params, self._calls = loss, params, 0

    def __call__(self) -> torch.Tensor:
        self._calls += 1
        if self._calls == self._loss.fails_at:
            raise ArithmeticError("the loss blew up")
        return self._loss.value(self._params)
