"""Where SGD hovers in a bowl: by the formula, by independent draws, and in shuffled epochs of the student's `sgd`."""

from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from grader.figures.gather import Work

from .programs import hover_in_epochs

EXAMPLES, EPOCHS = 20, 200
RUNS = ((0.1, 1), (0.4, 1), (0.1, 5), (0.4, 5))  # learning rates and batch sizes; the curvature is 1


def examples(seed: int = 0) -> Tensor:
    """Points (n, 2) around their mean, 0. The loss of an example is half the squared distance from its point."""
    points = torch.randn(EXAMPLES, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return points - points.mean(0)


def noise(seed: int = 0) -> float:
    """Their sigma^2."""
    return float(examples(seed).square().sum(1).mean())


def floor(lr: float, batch_size: float, seed: int = 0) -> float:
    """The closed form."""
    return lr * noise(seed) / (batch_size * (2 - lr))


@lru_cache
def independent(lr: float, batch_size: int, seed: int = 0) -> float:
    """The mean squared distance of 4,000 runs that draw every batch independently, after they have settled."""
    points, source = examples(seed), torch.Generator().manual_seed(seed)
    w = torch.zeros(4000, 2, dtype=torch.float64)
    for _ in range(40 if lr > 0.2 else 80):
        rows = torch.randint(EXAMPLES, (len(w), batch_size), generator=source)
        w -= lr * (w - points[rows].mean(1))
    return float(w.square().sum(1).mean())


def epochs(functions: Any, runs: tuple[tuple[float, int], ...] = RUNS, seed: int = 0) -> Any:
    """The mean squared distance over the steps of `sgd`, for each run."""
    return functions.run(hover_in_epochs, examples(seed), list(runs), EPOCHS, torch.Generator().manual_seed(seed))


def ask_for(work: Work) -> None:
    """Gather `epochs`, once for all pictures and predictions."""

    def gather(work: Work) -> None:
        work.ask("epochs", "sgd", partial(epochs), (len(RUNS),), exact=False, beside=False)

    work.share("hovering", gather)
