"""An objective that records its evaluations in the trusted process, so that a submission cannot forge the log."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from grader.toolkit import show

MOST = 5_000  # evaluations: far more than a check needs, few enough to compare all points


class Evaluations:
    """A callable like `objective` that records the evaluated points in `points`, and the values in `values`.

    A submission gets it as a callback, so autograd does not work through it.
    """

    def __init__(self, objective: Callable[[Tensor], Tensor], dim: int) -> None:
        self.points: list[Tensor] = []
        self.values: list[Tensor] = []
        self.__wrapped__ = objective  # a script of a counterexample uses this one
        self._dim = dim
        self.__name__ = show.value(objective)  # what a counterexample shows

    def __call__(self, *args: Any) -> Tensor:
        if len(args) != 1 or not isinstance(args[0], Tensor) or args[0].shape != (self._dim,):
            got = ", ".join(show.kind_of(arg) for arg in args)
            raise TypeError(f"the objective takes one tensor of shape ({self._dim},), but was called with {got}")
        if len(self.points) >= MOST:
            raise RuntimeError(f"the objective was evaluated {MOST} times; no search here needs more")
        point = args[0].detach().clone()
        value = self.__wrapped__(point)
        self.points.append(point)
        self.values.append(value)
        return value

    def proposals(self, start: Tensor) -> list[Tensor]:
        """The distinct points other than `start`, in the order of their first evaluation.

        Points that differ only by float64 rounding are the same point, so that a search may compute a point twice.
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
