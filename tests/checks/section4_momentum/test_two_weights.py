"""The risk of two weights: the grader's is that of the section's text, and only momentum arrives in time."""

import pytest
import torch

from grader.sandbox.calls.local_calls import load_module
from tests.course_parts import course_module
from tests.paths import ROOT

two_weights = course_module("section4_momentum.two_weights")
CHOICE = course_module("section4_momentum.convergence").CHOICE


def test_the_section_defines_the_same_risk():
    solution = load_module(ROOT / "solutions" / "section4_momentum.py", "solution_of_section4")
    for w in (two_weights.minimum(), torch.tensor([-2.0, 2.0]).double()):
        assert float(solution._two_weight_risk(w)) == pytest.approx(float(two_weights.halves().risk(w)), rel=1e-12)


def test_gradient_and_minimum_are_those_of_autograd():
    w = torch.tensor([0.3, -1.2], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(two_weights.halves().risk(w), w)
    torch.testing.assert_close(two_weights.halves().gradient(w.detach()), gradient)
    hessian = torch.func.hessian(two_weights.halves().risk)(w.detach())
    torch.testing.assert_close(two_weights.halves().hessian(w.detach()), hessian)
    assert two_weights.halves().gradient(two_weights.minimum()).norm() < 1e-12


def test_the_text_of_the_section_is_true():
    """A condition number of about 260, a smallest risk of 0.5213, curvatures of 0.006 and 1.5, and of 2.2 at zero."""
    flat, steep = torch.linalg.eigvalsh(two_weights.halves().hessian(two_weights.minimum())).tolist()
    assert steep / flat == pytest.approx(260, abs=5)
    assert two_weights.smallest_risk() == pytest.approx(0.5213, abs=5e-5)
    assert (flat, steep) == (pytest.approx(0.006, abs=5e-4), pytest.approx(1.5, abs=0.05))
    at_zero = torch.linalg.eigvalsh(two_weights.halves().hessian(torch.zeros(2, dtype=torch.float64)))
    assert float(at_zero[-1]) == pytest.approx(2.2, abs=0.1)


def test_no_learning_rate_without_momentum_arrives_from_all_corners_but_some_from_one():
    losses = [
        [CHOICE.of_pair(lr, 0.0, corner[None]) for corner in two_weights.CORNERS]
        for lr in (0.5, 0.9, 1.0, 1.1, 1.2, 1.5)
    ]
    assert all(max(at_corners) > CHOICE.limit for at_corners in losses)
    assert any(min(at_corners) < CHOICE.limit for at_corners in losses)


@pytest.mark.parametrize("seed", range(5))
def test_no_learning_rate_arrives_without_momentum_and_many_pairs_do(seed):
    assert CHOICE.contrast(None, seed) > 1.5 * CHOICE.limit
    starts = torch.cat([two_weights.starts(seed), two_weights.CORNERS])
    for lr, beta in ((1.0, 0.8), (1.5, 0.85), (0.6, 0.88), (2.0, 0.7), (0.9, 0.9)):
        assert CHOICE.of_pair(lr, beta, starts) < CHOICE.limit / 2
