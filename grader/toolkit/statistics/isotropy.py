"""Are directions uniform on the sphere? A normalised point of a cube has the same means and covariances, so angles are tested."""

import math
from itertools import combinations

import torch
from torch import Tensor

from grader.toolkit.closeness import expect

FALSE_FAIL = 1e-9
WAVES = 8  # cos(k angle) and sin(k angle) for k = 1..WAVES


def expect_no_preferred_angle(draws: Tensor, averages: int) -> None:
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
