"""Planes through a solution, its twin and the end of another run; and where gradient descent ends from starts on them."""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from .convergence import TEACHER, teacher_examples
from .oracles import ShallowNetworks

WIDTHS = (3, 12)
SEEDS = (1, 2)  # of the solution, and of another run
FOUND = 0.01  # the loss below which a start on the plane has found the teacher; bad minima have more than 0.03
STEPS = 1000  # from each start
MARGIN = 0.2  # around the three points, relative to their distances
COLUMNS, ROWS = 9, 7  # of starts


@lru_cache(maxsize=8)
def trained(width: int, seeds: tuple[int, ...] = SEEDS) -> tuple[Tensor, ...]:
    """The weights of a network after training from each seed, as one long vector each."""
    dim = teacher_examples()[0].shape[1]
    starts = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        hidden, output = (
            torch.randn(shape, generator=generator, dtype=torch.float64) * shape[-1] ** -0.5
            for shape in ((width, dim), (1, width))
        )
        starts.append([hidden, hidden.new_zeros(width), output, hidden.new_zeros(1)])
    ends = ShallowNetworks.of(starts).descended(*teacher_examples(), TEACHER.lr, TEACHER.steps)
    return tuple(torch.cat([entry.flatten() for entry in entries]) for entries in ends.states())


def entries_of(vector: Tensor, width: int) -> list[Tensor]:
    """One long vector as hidden weights and biases, output weights and bias."""
    dim = len(vector) // width - 2
    hidden, biases, output, bias = vector.split([width * dim, width, width, 1])
    return [hidden.reshape(width, dim), biases.clone(), output.reshape(1, width), bias.clone()]


def twin_of(vector: Tensor, width: int, order: list[int]) -> Tensor:
    """The same network with its units in another order."""
    hidden, biases, output, bias = entries_of(vector, width)
    return torch.cat([hidden[order].flatten(), biases[order], output[0, order], bias])


@dataclass(frozen=True)
class Plane:
    """A plane through `centre`, with two orthogonal axes of length 1; and where three points lie on it."""

    width: int
    centre: Tensor
    axes: tuple[Tensor, Tensor]
    twin: tuple[float, float]
    other: tuple[float, float]

    @classmethod
    def through(cls, width: int, solution: Tensor, twin: Tensor, other: Tensor) -> "Plane":
        """The plane of three points: the solution is its centre, and the twin lies on its first axis."""
        along = twin - solution
        first = along / along.norm().clamp(min=1e-12)
        rest = (other - solution) - ((other - solution) @ first) * first
        second = rest / rest.norm().clamp(min=1e-12)
        places = [(float(offset @ first), float(offset @ second)) for offset in (along, other - solution)]
        return cls(width, solution, (first, second), places[0], places[1])

    def steps(self, columns: int, rows: int) -> tuple[Tensor, Tensor]:
        """Steps along both axes, so that the three points lie well inside."""
        ends = [(0.0, one, two) for one, two in zip(self.twin, self.other, strict=True)]
        spans = [(min(three), max(three)) for three in ends]
        margins = [MARGIN * max(high - low, 1e-3) for low, high in spans]
        xs, ys = (
            torch.linspace(low - margin, high + margin, count, dtype=torch.float64)
            for (low, high), margin, count in zip(spans, margins, (columns, rows), strict=True)
        )
        return xs, ys

    def starts(self) -> tuple[Tensor, Tensor]:
        """Where the starts lie along both axes: in the middle of equal parts."""
        xs, ys = self.steps(2 * COLUMNS + 1, 2 * ROWS + 1)
        return xs[1::2], ys[1::2]

    def losses_at_the_end(self) -> Tensor:
        """The losses (ROWS, COLUMNS) after training from each point of a grid of starts."""
        X, y = teacher_examples()
        xs, ys = self.starts()
        points = [self.centre + a * self.axes[0] + b * self.axes[1] for b in ys for a in xs]
        starts = ShallowNetworks.of([entries_of(point, self.width) for point in points])
        return starts.descended(X, y, TEACHER.lr, STEPS).losses(X, y).reshape(ROWS, COLUMNS)
