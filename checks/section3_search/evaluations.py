"""An objective that remembers where it was evaluated: in the trusted process, so that a submission cannot forge the log."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import show

MOST = 5_000  # evaluations: many times what a search in a check needs, few enough to compare them with each other


class Evaluations:
    """A callable like `objective`, with the points of all evaluations so far in `points`, and its values there in `values`.

    Handed to a submission it becomes a callback: autograd does not go through.
    """

    def __init__(self, objective: Callable[[Tensor], Tensor], dim: int) -> None:
        self.points: list[Tensor] = []
        self.values: list[Tensor] = []
        self._objective = objective
        self._dim = dim
        self.__name__ = show.value(objective)  # what a counterexample shows

    def __call__(self, *args: Any) -> Tensor:
        if len(args) != 1 or not isinstance(args[0], Tensor) or args[0].shape != (self._dim,):
            got = ", ".join(show.kind_of(arg) for arg in args)
            raise TypeError(f"the objective takes one tensor of shape ({self._dim},), but was called with {got}")
        if len(self.points) >= MOST:
            raise RuntimeError(f"the objective was evaluated {MOST} times, which is more than any search here needs")
        point = args[0].detach().clone()
        value = self._objective(point)
        self.points.append(point)
        self.values.append(value)
        return value

    def proposals(self, start: Tensor) -> list[Tensor]:
        """The points other than `start`, each once, in the order in which they were first evaluated.

        Points are taken for one if they differ only by rounding in float64, so that a search may compute a point twice.
        """
        found: list[Tensor] = []
        known = torch.empty(len(self.points) + 1, self._dim, dtype=torch.float64)
        known[0] = start
        for point in self.points:
            same = torch.isclose(known[: len(found) + 1], point.double(), 1e-9, 1e-12)
            if not same.all(dim=1).any():
                found.append(point)
                known[len(found)] = point
        return found
