"""Small models and losses to measure an empirical risk with.

Each model is both a data class and a module. It is not frozen, because a module changes its own mode.
"""

import dataclasses

from torch import Tensor, nn

from grader.toolkit import show


def parameter_of(weight: Tensor) -> nn.Parameter:
    """The weight as a parameter. A received parameter is kept, so that a change of its `requires_grad` shows."""
    return weight if isinstance(weight, nn.Parameter) else nn.Parameter(weight)


@dataclasses.dataclass(eq=False, init=False, repr=False)
class PlainLinearModel(nn.Module):
    """`X @ weight` in both modes; `weight` is (d, K)."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = parameter_of(weight)

    def forward(self, X: Tensor) -> Tensor:
        return X @ self.weight

    def __str__(self) -> str:
        return f"X -> X @ W, where W is {show.value(self.weight)}"


@dataclasses.dataclass(eq=False, init=False, repr=False)
class SmallImageModel(nn.Module):
    """Flattens images, then `@ weight` (6, K). Like a convolution, it accepts only one shape: (n, 1, 2, 3)."""

    weight: Tensor

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        self.weight = parameter_of(weight)

    def forward(self, X: Tensor) -> Tensor:
        if X.shape[1:] != (1, 2, 3):
            raise ValueError(f"this model takes images of shape (n, 1, 2, 3), but was given {tuple(X.shape)}")
        return X.flatten(1) @ self.weight

    def __str__(self) -> str:
        return f"X -> X.flatten(1) @ W for X of shape (n, 1, 2, 3), where W is {show.value(self.weight)}"


@dataclasses.dataclass(eq=False, init=False, repr=False)
class DropoutBatchNormModel(nn.Module):
    """Batch normalisation, dropout, then `@ weight`. In training mode, results differ and the statistics change.

    `weight` is (d, K), `running_mean` and `running_var` are (d,). Dropout drops every value, so that a wrong answer is
    the same each time.
    """

    weight: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, weight: Tensor, running_mean: Tensor, running_var: Tensor) -> None:
        super().__init__()
        self.weight = parameter_of(weight)
        self.running_mean, self.running_var = running_mean, running_var
        self.normalisation = nn.BatchNorm1d(len(running_mean), affine=False)
        self.normalisation.running_mean, self.normalisation.running_var = running_mean, running_var
        self.dropout = nn.Dropout(1.0)

    def forward(self, X: Tensor) -> Tensor:
        hidden: Tensor = self.dropout(self.normalisation(X))
        return hidden @ self.weight

    def __str__(self) -> str:
        return f"BatchNorm1d({len(self.running_mean)}), Dropout, then X -> X @ W, where W is {show.value(self.weight)}"


@dataclasses.dataclass(frozen=True)
class SquaredDistanceLoss:
    """Mean squared distance of the first logit from the target; works for any number of logits."""

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        return ((logits[:, 0] - targets) ** 2).mean()

    def __str__(self) -> str:
        return "mean((logits[:, 0] - targets)^2)"


@dataclasses.dataclass(frozen=True)
class RaisingLoss:
    """A loss that raises ArithmeticError for a batch that contains the target `poison`."""

    poison: int

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        if bool((targets == self.poison).any()):
            raise ArithmeticError("this loss cannot be computed")
        return 0 * logits.sum()

    def __str__(self) -> str:
        return f"0, but raises ArithmeticError for a batch with the target {self.poison}"


@dataclasses.dataclass(eq=False, init=False, repr=False)
class SmallMemoryModel(nn.Module):
    """`X @ weight`, but raises MemoryError for more than `limit` examples at once; `weight` is (d, K)."""

    weight: Tensor
    limit: int

    def __init__(self, weight: Tensor, limit: int) -> None:
        super().__init__()
        self.weight = parameter_of(weight)
        self.limit = limit

    def forward(self, X: Tensor) -> Tensor:
        if len(X) > self.limit:
            raise MemoryError(f"{len(X)} examples at a time, where batch_size is {self.limit}")
        return X @ self.weight

    def __str__(self) -> str:
        return f"X -> X @ W, where W is {show.value(self.weight)}, for up to {self.limit} examples at a time"
