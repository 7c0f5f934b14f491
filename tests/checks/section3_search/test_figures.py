"""The numbers of section 3's pictures, against closed forms and torch; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch

from tests.course_parts import from_course
from tests.figures.fixtures import source_of, with_body

HESSIAN, START, TILT, Curse, Moves, Paths, Slope, small_regression, steps_down = from_course(
    "section3_search.figures",
    "HESSIAN",
    "START",
    "TILT",
    "Curse",
    "Moves",
    "Paths",
    "Slope",
    "small_regression",
    "steps_down",
)

pytestmark = pytest.mark.slow

STEM = "section3_search"
SOLVED = source_of(STEM)


def test_slopes_are_those_of_the_polynomial(pictures):
    arrays, third = pictures["slope"].arrays, 6 * Slope.points
    np.testing.assert_allclose(arrays["slope"], Slope.curve**3 - 2 * Slope.curve + TILT, atol=1e-12)
    exact = Slope.points**3 - 2 * Slope.points + TILT
    np.testing.assert_allclose(arrays["slope_tried"], exact, atol=1e-12)
    # Of a polynomial of degree 4, the error of central differences is this term alone.
    np.testing.assert_allclose(arrays["difference"], exact + third * Slope.eps**2 / 6, atol=1e-12)


def test_descent_follows_the_closed_form(pictures):
    values, vectors = np.linalg.eigh(np.array(HESSIAN))
    steps = np.arange(Paths.steps + 1)[:, None]
    expected = ((1 - Paths.lr * values) ** steps * (vectors.T @ START)) @ vectors.T
    np.testing.assert_allclose(pictures["paths"].arrays["descent"], expected, atol=1e-12)


def test_search_walks_in_steps_of_one_length_and_never_up(pictures):
    path = pictures["paths"].arrays["search"]
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    moved = lengths > 0
    np.testing.assert_allclose(lengths[moved], Paths.step_size)
    assert 3 < moved.sum() < Paths.steps
    high = 0.5 * np.einsum("ni,ij,nj->n", path, np.array(HESSIAN), path)
    assert (np.diff(high) <= 0).all()


def test_descent_needs_as_many_steps_as_the_way_is_long(pictures):
    np.testing.assert_array_equal(pictures["curse"].arrays["descent"], 0.5 / Curse.step_size)


def test_search_needs_more_evaluations_in_more_dimensions(pictures):
    """At least as the square root of the dimension, of which a typical cosine is the inverse."""
    medians = np.median(pictures["curse"].arrays["search"], axis=1)
    assert (np.diff(medians) > 0).all()
    assert medians[-1] / medians[1] > np.sqrt(Curse.dims[-1] / Curse.dims[1])
    # What no search can beat: two evaluations for a step that leads straight to the minimum.
    assert (pictures["curse"].arrays["search"] >= 2 * 0.5 / Curse.step_size).all()


def test_moves_change_the_loss_as_cross_entropy_says(pictures):
    arrays, problem = pictures["moves"].arrays, small_regression()
    labels, start = problem.targets.argmax(1), problem.start(0).requires_grad_()
    loss = torch.nn.functional.cross_entropy(problem.features @ start, labels)
    (slopes,) = torch.autograd.grad(loss, start)
    moved = start - Moves.length * slopes / slopes.norm()
    expected = (torch.nn.functional.cross_entropy(problem.features @ moved, labels) - loss).detach()
    np.testing.assert_allclose(arrays["along"], float(expected), rtol=1e-6)
    # A random move changes the loss by its cosine with the gradient: a standard deviation of 1 / sqrt(d), and half go up.
    typical = Moves.length * float(slopes.norm()) / np.sqrt(start.numel())
    assert 0.8 < arrays["random"].std() / typical < 1.25
    assert 0.3 < (arrays["random"] < 0).mean() < 0.7


def test_the_titles_say_what_the_numbers_are(pictures):
    arrays = pictures["curse"].arrays
    assert pictures["slope"].title == "A short step against the slope leads down from 13 of 13 points"
    assert pictures["paths"].title.endswith("gradient descent 17")
    search = np.median(arrays["search"][-1])
    assert pictures["curse"].title == f"Evaluations at d = 256: random search {search:,.0f}, gradient descent 30"
    assert pictures["moves"].title.endswith("against the gradient −0.18")


def test_arriving_means_to_stay():
    path = np.array([[10.0, 0.0], [0.5, 0.0], [2.0, 0.0], [0.5, 0.0], [0.1, 0.0]])
    assert steps_down(path) == 3
    assert steps_down(path[:3]) is None
    assert steps_down(None) is None


def test_ascent_is_drawn_and_called_so(draw_of):
    source = with_body("gradient", "    leaf = w.detach().clone().requires_grad_()\n"
                       "    return -torch.autograd.grad(objective(leaf), leaf)[0]", SOLVED)  # fmt: skip
    pictures = draw_of(STEM, source, "gradient", "random_search_step")
    assert pictures["slope"].title == "A short step against the slope leads down from 0 of 13 points"
    assert pictures["slope"].missing == ("gradient does not agree with the reference.",)
    assert "difference" in pictures["slope"].arrays
    assert pictures["paths"].title.endswith("gradient descent not in 40")
    assert "against the gradient +" in pictures["moves"].title


def test_directions_of_another_length_are_drawn_and_called_wrong(draw_of):
    source = with_body(
        "random_direction", "    return 3 * torch.randn(dim, generator=generator, dtype=torch.float64)", SOLVED
    )
    picture = draw_of(STEM, source, "random_direction")["moves"]
    assert picture.missing == ("random_direction does not agree with the reference.",)
    assert "best of 200 random moves +" in picture.title


def test_a_search_that_stands_still_is_not_waited_for(draw_of):
    body = "    return w0.clone(), torch.stack([objective(w0)] * (num_steps + 1))"
    picture = draw_of(STEM, with_body("random_search", body, SOLVED), "random_search")["curse"]
    assert picture.title == "Evaluations at d = 256: random search over 5,000, gradient descent 30"
