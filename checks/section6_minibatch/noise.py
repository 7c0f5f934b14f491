"""The exact noise of a batch's gradient: from all batches, and from the closed form."""

import math
from itertools import combinations

import torch
from torch import Tensor

FALSE_FAIL = 1e-10


def batch_distances(grads: Tensor, batch_size: int) -> dict[tuple[int, ...], float]:
    """For every set of `batch_size` rows of `grads` (n, d), the squared distance between its mean and the mean of all
    rows."""
    full = grads.mean(0)
    return {
        rows: float((grads[list(rows)].mean(0) - full).square().sum())
        for rows in combinations(range(len(grads)), batch_size)
    }


def expected_noise(grads: Tensor, batch_size: int) -> float:
    """Closed form of the mean of these distances: `(sigma^2 / B) * (n - B) / (n - 1)`, sigma^2 with denominator n."""
    n = len(grads)
    spread = float((grads - grads.mean(0)).square().sum(1).mean())
    return spread / batch_size * (n - batch_size) / (n - 1)


def likely_deviation(values: Tensor, draws: int) -> float:
    """How far the mean of `draws` values, each drawn from `values` with equal chances, may be from the true mean.

    Bernstein: P(|mean - mu| >= t) <= 2 exp(-N t^2 / (2 v + 2/3 R t)), with variance v and |value - mu| <= R. The t for
    which this is `FALSE_FAIL` is the root of a quadratic.
    """
    errors = values - values.mean()
    variance, reach = float(errors.square().mean()), float(errors.abs().max())
    log = math.log(2 / FALSE_FAIL)
    linear = 2 / 3 * reach * log
    return (linear + math.sqrt(linear**2 + 8 * draws * variance * log)) / (2 * draws)


def general_gradients(n: int, dim: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Gradients (n, dim) in general position, with a mean that is not zero. No seed that a submission gets gives
    them."""
    generator = torch.Generator().manual_seed(5000 + seed)
    return (1 + torch.randn(n, dim, generator=generator, dtype=torch.float64)).to(dtype)
