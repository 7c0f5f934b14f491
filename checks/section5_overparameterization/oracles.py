"""Many networks with one hidden ReLU layer and one output: their losses, and gradient descent from their starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.closeness import expect, expect_close

ENTRIES = ("hidden weights", "hidden biases", "output weights", "output bias")


@dataclass(frozen=True)
class ShallowNetworks:
    """K networks of one width: hidden weights (K, m, d) and biases (K, m), output weights (K, m) and bias (K,)."""

    hidden: Tensor
    hidden_bias: Tensor
    output: Tensor
    output_bias: Tensor

    @classmethod
    def of(cls, states: Sequence[Sequence[Tensor]]) -> "ShallowNetworks":
        """Networks from these entries. `expect_states` has checked their shapes."""
        hidden, hidden_bias, output, bias = (torch.stack(entries) for entries in zip(*states, strict=True))
        return cls(hidden, hidden_bias, output[:, 0], bias[:, 0])

    def states(self) -> list[list[Tensor]]:
        """The entries of each network, as a submission returns them."""
        parts = zip(self.hidden, self.hidden_bias, self.output[:, None], self.output_bias[:, None], strict=True)
        return [list(entries) for entries in parts]

    def losses(self, X: Tensor, y: Tensor) -> Tensor:
        """The mean squared error of each network (K,)."""
        units = (X @ self.hidden.mT + self.hidden_bias[:, None]).clamp(min=0)
        outputs = (units @ self.output[:, :, None])[:, :, 0] + self.output_bias[:, None]
        return (outputs - y).square().mean(1)

    def descended(self, X: Tensor, y: Tensor, lr: float, num_steps: int) -> "ShallowNetworks":
        """The networks after some steps of gradient descent on the mean squared error of all examples.

        All hidden layers are one matrix (K * m, d + 1) with the biases in its last column. This halves the time.
        """
        n, (count, width, dim) = len(X), self.hidden.shape
        inputs, targets = torch.cat([X, X.new_ones(n, 1)], 1), y[:, None]
        hidden = torch.cat([self.hidden, self.hidden_bias[:, :, None]], 2).reshape(count * width, dim + 1)
        output, bias = self.output, self.output_bias
        for _ in range(num_steps):
            units = (inputs @ hidden.T).view(n, count, width).clamp(min=0)
            slopes = ((units * output).sum(2) + bias - targets) * (2 / n)
            back = (units > 0) * output * slopes[:, :, None]
            output = output - lr * (units * slopes[:, :, None]).sum(0)
            bias = bias - lr * slopes.sum(0)
            hidden = hidden - lr * (back.view(n, count * width).T @ inputs)
        parts = hidden.view(count, width, dim + 1)
        return ShallowNetworks(parts[:, :, :dim], parts[:, :, dim], output, bias)


def expect_states(states: Any, count: int, width: int, X: Tensor) -> list[list[Tensor]]:
    """The entries of each state dict of networks with X.shape[1] inputs. Raises WrongAnswerError for a wrong form."""
    expect_close({"number of state dicts, one per seed": (len(states), count)})
    shapes = [(width, X.shape[1]), (width,), (1, width), (1,)]
    for place, state in enumerate(states):
        label = f"number of entries of state dict {place}"
        expect_close({label: (len(state), len(shapes))})
        entries = list(state.values())
        for name, entry, shape in zip(ENTRIES, entries, shapes, strict=True):
            what = f"{name} of state dict {place}"
            expect_close(
                {
                    f"shape of the {what}": (tuple(entry.shape), shape),
                    f"dtype of the {what}": (_dtype(entry), _dtype(X)),
                }
            )
            expect(bool(torch.isfinite(entry).all()), f"Not finite: {what}.")
    return [[entry.detach() for entry in state.values()] for state in states]


def expect_networks(
    got: Any, expected: ShallowNetworks, seeds: Sequence[int], steps: int, tolerance: Any = None
) -> None:
    """Raise WrongAnswerError unless gradient descent leads to networks with these entries."""
    for seed, entries, others in zip(seeds, got, expected.states(), strict=True):
        triples = zip(ENTRIES, entries, others, strict=True)
        expect_close(
            {f"{name} of seed {seed} after {_steps(steps)}": (one, other) for name, one, other in triples}, tolerance
        )


def _steps(number: int) -> str:
    return "1 step" if number == 1 else f"{number} steps"


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
