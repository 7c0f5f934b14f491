"""Training from several seeds on the outputs of a small teacher network: wide networks find it, narrow ones do not."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from grader.toolkit.convergence import Measurement

from .oracles import ShallowNetworks, expect_states

SOLVED = 1e-3  # the loss below which a network has found the teacher
_REPLAYED = (1e-7, 1e-9)  # relative, absolute: for float64 with sums in any order, not for float32
_STEPS_COMPARED = 50  # in a calibration


@dataclass(frozen=True)
class TeacherRun:
    """`train_from_seeds` on examples of a teacher with 3 ReLU units: from width 3 on, a loss of zero is possible.

    The check judges the median over the seeds, because every start that the seed determines is right.
    docs/thresholds.md says how many seeds fail for which starts.
    """

    seeds: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)
    lr: float = 0.1
    steps: int = 4000
    narrow: int = 2
    wide: int = 12
    exercise: str = "train_from_seeds"
    quantity: str = "median of the final losses of 8 networks with 12 hidden units"
    contrast_name: str = "networks with 2 hidden units"
    limit: float | None = None

    def starts(self, solver: Any, width: int, first_seed: int = 0) -> ShallowNetworks:
        """The solver's networks before any training, one per seed."""
        return self._ask(solver, width, first_seed, 0)

    def train(self, solver: Any, width: int) -> "TeacherOutcome":
        """Let the solver train, and train here from the same starts."""
        starts, trained = self.starts(solver, width), self._ask(solver, width, 0, self.steps)
        X, y = teacher_examples()
        return TeacherOutcome(starts, trained, starts.descended(X, y, self.lr, self.steps))

    def measure(self, solver: Any, seed: int) -> Measurement:
        """The median loss that gradient descent reaches from the solver's starts.

        A run that follows the rule ends there; for other runs there is no value. The first steps show whether the
        solver follows the rule. The rest runs here for all seeds at once, in a tenth of the time of a loop.
        """
        starts, some = (self._ask(solver, self.wide, 100 * seed, steps) for steps in (0, _STEPS_COMPARED))
        X, y = teacher_examples()
        after = starts.descended(X, y, self.lr, _STEPS_COMPARED)
        if not TeacherOutcome(starts, some, after).is_by_the_rule:
            return Measurement(math.inf, False)
        trained = after.descended(X, y, self.lr, self.steps - _STEPS_COMPARED)
        return Measurement(float(trained.losses(X, y).median()), True)

    def contrast(self, solver: Any, seed: int) -> float:
        """The same median for narrow networks."""
        X, y = teacher_examples()
        trained = self.starts(solver, self.narrow, 100 * seed).descended(X, y, self.lr, self.steps)
        return float(trained.losses(X, y).median())

    def _ask(self, solver: Any, width: int, first_seed: int, steps: int) -> ShallowNetworks:
        X, y = teacher_examples()
        seeds = [first_seed + seed for seed in self.seeds]
        states = solver.train_from_seeds(width, seeds, X, y, self.lr, steps)
        return ShallowNetworks.of(expect_states(states, len(seeds), width, X))


@dataclass(frozen=True)
class TeacherOutcome:
    """A solver's networks before and after training, and the networks that gradient descent reaches from the same
    starts."""

    starts: ShallowNetworks
    trained: ShallowNetworks
    expected: ShallowNetworks

    @property
    def losses(self) -> Tensor:
        """The loss of each trained network."""
        return self.trained.losses(*teacher_examples())

    @property
    def is_by_the_rule(self) -> bool:
        """Whether gradient descent reaches every one of these networks, and no two are equal."""
        pairs = zip(vars(self.trained).values(), vars(self.expected).values(), strict=True)
        follows = all(torch.allclose(one, other, *_REPLAYED) for one, other in pairs)
        networks = self.trained.hidden.flatten(1)
        return follows and len(networks.unique(dim=0)) == len(networks)


@lru_cache(maxsize=1)
def teacher_examples() -> tuple[Tensor, Tensor]:
    """200 inputs (200, 4) and the teacher's outputs for them (200,), in float64. An output is the sum of three
    units."""
    generator = torch.Generator().manual_seed(7006)
    X, weights, biases = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((200, 4), (3, 4), 3)
    )
    weights /= weights.norm(dim=1, keepdim=True)
    return X, (X @ weights.T + biases / 2).clamp(min=0).sum(1)


TEACHER = TeacherRun()
RUNS = {"teacher": TEACHER}
