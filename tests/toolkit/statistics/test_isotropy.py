"""Uniform directions pass, whatever the draw; a cube's, a half-space's and an axis's do not."""

import pytest
import torch

from grader.toolkit.statistics.isotropy import expect_no_preferred_angle, expect_no_preferred_side
from grader.toolkit.verdicts import WrongAnswerError


def normal(dim, seed=0):
    return torch.randn(8000, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("seed", range(20))
def test_uniform_directions_pass(dim, seed):
    expect_no_preferred_angle(normal(dim, seed), averages=64)


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda z: torch.special.erf(z / 2**0.5),  # uniform in the cube: right means and covariances, and corners
        lambda z: torch.cat([z[:, :1].abs(), z[:, 1:]], 1),
        lambda z: z.sign(),
        lambda z: z * torch.arange(1, z.shape[1] + 1),
        lambda z: z[:1].expand_as(z),
        lambda z: z * torch.nan,
    ],
    ids=["cube", "half_space", "corners", "stretched", "constant", "nan"],
)
def test_a_preferred_angle_is_found(dim, spoil):
    with pytest.raises(WrongAnswerError, match="come up more often"):
        expect_no_preferred_angle(spoil(normal(dim)), averages=64)


@pytest.mark.parametrize("seed", range(20))
def test_directions_that_lean_to_no_side_pass(seed):
    z = normal(200, seed)[:2500]
    expect_no_preferred_side(z / z.norm(dim=1, keepdim=True))


@pytest.mark.parametrize("drift", [0.1, -0.05, torch.nan])
def test_directions_that_lean_to_one_side_are_found(drift):
    z = normal(200)[:2500] + drift
    with pytest.raises(WrongAnswerError, match="lean to one side"):
        expect_no_preferred_side(z / z.norm(dim=1, keepdim=True))
