"""Small models and losses to measure an empirical risk with.

The models are data classes and modules at once. They are not frozen, because a module has to change its own mode.
"""

import dataclasses

from torch import Tensor, nn

from grader.toolkit import show


def parameter_of(weight: Tensor) -> nn.Parameter:
    """The weight as a parameter; one that has travelled is kept, so that a change of its switches is seen."""
    return weight if isinstance(weight, nn.Parameter) else nn.Parameter(weight)


@dataclasses.dataclass(eq=False, init=False, repr=False)
class PlainLinearModel(nn.Module):
    """`X @ weight`, the same in both modes; `weight` is (d, K)."""

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
    """Flattens, then `@ weight`: it takes images (n, 1, 2, 3) only, as a convolution would; `weight` is (6, K)."""

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
    """Batch normalisation, dropout, then `@ weight`: in training mode it computes something else, and changes its statistics.

    `weight` is (d, K), `running_mean` and `running_var` are (d,). Dropout drops everything, so that the same wrong answer
    comes out each time.
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
    """Mean squared distance of the first logit from the target: a loss that any number of logits will do for."""

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        return ((logits[:, 0] - targets) ** 2).mean()

    def __str__(self) -> str:
        return "mean((logits[:, 0] - targets)^2)"


@dataclasses.dataclass(frozen=True)
class RaisingLoss:
    """A loss that raises ArithmeticError for a batch that holds the target `poison`."""

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
