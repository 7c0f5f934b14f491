"""A model that takes only so many examples at a time."""

import dataclasses

from torch import Tensor, nn

from grader.toolkit import show
from .problems import parameter_of


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
