"""Are directions uniform on the sphere? A normalised point of a cube has the same means and covariances, so angles are tested, in
few dimensions, and fourth moments, in many.
"""

import math
from itertools import combinations

from grader.toolkit.closeness import expect
from grader.toolkit.lazy_torch import torch

FALSE_FAIL = 1e-9
WAVES = 8  # cos(k angle) and sin(k angle) for k = 1..WAVES


def expect_no_preferred_angle(draws: torch.Tensor, averages: int) -> None:
    """Raise WrongAnswerError if `draws` (n, dim) prefer some angles in the plane of any two coordinates.

    For independent uniform directions each angle is uniform, so that the mean of each wave is 0. By Hoeffding's inequality it
    is farther away than `sqrt(2 log(2 averages / FALSE_FAIL) / n)` with a probability of at most FALSE_FAIL / averages;
    `averages` counts the waves over all planes and calls of one check. At n = 8000 that is 0.08; corners of a square show as
    -0.14 at k = 4.
    """
    count, dim = draws.shape
    bound = math.sqrt(2 * math.log(2 * averages / FALSE_FAIL) / count)
    for i, j in combinations(range(dim), 2):
        angle = torch.atan2(draws[:, j], draws[:, i])
        for k in range(1, WAVES + 1):
            for name, wave in (("cos", torch.cos), ("sin", torch.sin)):
                mean = float(wave(k * angle).mean())
                expect(
                    abs(mean) <= bound,
                    f"In {dim} dimensions, some angles in the plane of coordinates {i} and {j} come up more often than others: "
                    f"the mean of {name}({k} angle) over {count} draws is {mean:.3f}, and 0 +- {bound:.3f} was expected.",
                )


def expect_no_preferred_corner(draws: torch.Tensor) -> None:
    """Raise WrongAnswerError if `draws` (n, dim) come too near to the corners of the cube, where all entries are equally large.

    The sum of the fourth powers of a unit vector's entries is 1/dim at a corner, and at least that everywhere. For a uniform
    direction its mean is 3 / (dim + 2), and its variance is known. So Bernstein's inequality bounds the probability that the
    mean of n independent ones lies below the cut-off by FALSE_FAIL / 2. At n = 2500 and dim = 200 that is 1.7 % below the mean;
    normalised sums of 12 uniform numbers, the nearest of wrong answers, show as 3.2 %.
    """
    count, dim = draws.shape
    mean = 3 / (dim + 2)
    bound = mean - _bernstein(mean - 1 / dim, _variance_of_fourth_powers(dim), count, FALSE_FAIL / 2)
    found = float((draws**4).sum(1).div((draws**2).sum(1) ** 2).mean())
    expect(
        found >= bound,
        f"In {dim} dimensions, the entries of a direction are too equal in size: the sum of their fourth powers is {found:.5f} "
        f"on average over {count} draws; {mean:.5f} was expected, and at least {bound:.5f}.",
    )


def expect_no_preferred_side(draws: torch.Tensor) -> None:
    """Raise WrongAnswerError if `draws` (n, dim) lean to one side: towards the corner where all entries are positive, or away.

    The mean of a uniform direction's entries, times sqrt(dim), is its coordinate along a fixed direction: 0 on average, at most
    1, with variance 1 / dim. By Bernstein's inequality on either side, the average of n independent ones is farther from 0 than
    the cut-off with a probability of at most FALSE_FAIL / 2. At n = 2500 and dim = 200 that is 0.012; entries with a mean of a
    tenth of their standard deviation show as 0.1.
    """
    count, dim = draws.shape
    bound = _bernstein(1.0, 1 / dim, count, FALSE_FAIL / 4)
    found = float(draws.sum(1).mean()) / math.sqrt(dim)
    expect(
        abs(found) <= bound,
        f"In {dim} dimensions, directions lean to one side: the mean of their entries, times sqrt({dim}), is {found:.3f} on "
        f"average over {count} draws, and 0 +- {bound:.3f} was expected.",
    )


def _variance_of_fourth_powers(dim: int) -> float:
    """Variance of the sum of u_i^4, from E u_i^8 = 105 / c and E u_i^4 u_j^4 = 9 / c, where c = d (d + 2) (d + 4) (d + 6)."""
    return (105 + 9 * (dim - 1)) / ((dim + 2) * (dim + 4) * (dim + 6)) - 9 / (dim + 2) ** 2


def _bernstein(room: float, variance: float, count: int, risk: float) -> float:
    """How far below its mean an average of `count` numbers lies with a probability of at most `risk`.

    None of the numbers is farther below their mean than `room`. Solves n t^2 = 2 log(1 / risk) (variance + room t / 3).
    """
    rate = math.log(1 / risk) / count
    slope = rate * room / 3
    return slope + math.sqrt(slope**2 + 2 * rate * variance)
