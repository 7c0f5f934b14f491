"""The numbers of section 3's pictures, against closed forms and torch; what they say of a stub and of wrong answers."""

import numpy as np
import pytest
import torch

from grader.figures.gather import Gathered
from grader.sandbox.calls.local_calls import load_module
from tests.course_parts import course_module, from_course
from tests.figures.fixtures import source_of, with_body
from tests.paths import ROOT

HESSIAN, START, TILT, Moves, Paths, Slope, small_regression, steps_down = from_course(
    "section3_search.figures", "HESSIAN", "START", "TILT", "Moves", "Paths", "Slope", "small_regression", "steps_down"
)
Curse = from_course("section3_search.curse", "Curse")
DISTANCES, Epsilon, errors, exact_slopes = from_course(
    "section3_search.epsilon", "DISTANCES", "Epsilon", "errors", "exact_slopes"
)
MnistDescent, risks = from_course("section3_search.two_weights", "MnistDescent", "risks")
programs = course_module("section3_search.programs")
two_weights = course_module("shared.two_weights")
BestRandomMove, ErrorOfATinyEps, GridOfTwiceTheWeights = from_course(
    "section3_search.predictions", "BestRandomMove", "ErrorOfATinyEps", "GridOfTwiceTheWeights"
)

pytestmark = pytest.mark.slow

STEM = "section3_search"
SOLVED = source_of(STEM)


@pytest.fixture(scope="module")
def reference():
    return load_module(ROOT / "solutions" / f"{STEM}.py", "reference_of_section3")


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


@pytest.mark.parametrize("seed", range(5))
def test_a_grid_costs_exponentially_more_and_the_others_do_not(seed, reference):
    """What the text says: a grid passes random search at about four weights, and is then out of reach."""
    grid = programs.evaluations_of_grid(
        reference, [2, 3, 4, 5], 5, Curse.target, Curse.limit, torch.Generator().manual_seed(seed)
    )
    grid = grid.median(1).values
    assert (grid[1:] > grid[:-1]).all()
    assert grid[3] > 100 * grid[0]  # from two weights to five
    dims = [4, 16, 64]
    search = programs.evaluations_of_search(
        reference, dims, 3, Curse.step_size, Curse.target, Curse.limit, torch.Generator().manual_seed(seed)
    )
    search = search.median(1).values
    assert (search[1:] > search[:-1]).all()
    assert (search[1:] / search[:-1] < 5).all()  # at most in proportion to the dimension, about
    assert grid[3] > 2 * search[1]
    assert programs.steps_of_descent(reference, dims, Curse.step_size, Curse.target, 100).unique().tolist() == [10]


def test_the_grid_of_the_picture_is_the_coarsest_that_is_fine_enough(reference):
    """In one dimension, three points would hit the minimum, and two do, too."""
    found = programs.evaluations_of_grid(reference, [1], 3, Curse.target, Curse.limit, torch.Generator().manual_seed(0))
    assert found.tolist() == [[2.0, 2.0, 2.0]]


def test_the_error_of_central_differences_is_a_v(pictures):
    """It falls with the square of eps, then rises by rounding, as text and question say."""
    slopes = pictures["epsilon"].arrays["slopes"]
    w = torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64, requires_grad=True)
    matrix = torch.tensor([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0], [-1.0, 1.0, 0.5]], dtype=torch.float64)
    (exact,) = torch.autograd.grad(torch.logsumexp(matrix @ w, 0), w)
    np.testing.assert_allclose(exact_slopes(), exact.numpy(), atol=1e-12)
    found = errors(slopes)
    np.testing.assert_allclose(found[0] / found[2], 1e4, rtol=0.05)
    best = int(found.argmin())
    assert 1e-7 < DISTANCES[best] < 1e-3
    assert 3e-10 < found[3] < 3e-9  # "about 1e-9" at 1e-4
    assert ErrorOfATinyEps().outcome(pictures["epsilon"].data).answer == "the error is far larger"


@pytest.mark.parametrize("shift", [0.0, 0.1, -0.2, 0.33, 1.7])
def test_a_tiny_eps_is_bad_at_other_points_too(shift, reference):
    objective = course_module("section3_search.epsilon").objective()
    w = torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64) + shift
    exact = reference.gradient(objective, w)
    usual, tiny = (
        float((reference.finite_difference_gradient(objective, w, eps) - exact).abs().max()) for eps in (1e-4, 1e-12)
    )
    assert tiny > 100 * usual


def test_descent_on_mnist_follows_torch(pictures):
    w = torch.tensor(MnistDescent.start, dtype=torch.float64, requires_grad=True)
    optimizer, path = torch.optim.SGD([w], lr=MnistDescent.lr), [w.detach().clone()]
    for _ in range(MnistDescent.steps):
        optimizer.zero_grad()
        two_weights.halves().risk(w).backward()
        optimizer.step()
        path.append(w.detach().clone())
    np.testing.assert_allclose(pictures["mnist"].arrays["path"], torch.stack(path).numpy(), atol=1e-10)
    found = risks(pictures["mnist"].arrays["path"])
    said = f"{found[0]:.2f} at first, {found[3]:.2f} after 3 steps, {found[-1]:.2f} after 40"
    assert pictures["mnist"].title == f"Risk on MNIST: {said}"


@pytest.mark.parametrize("start", [(-2.0, 2.5), (2.0, 2.0), (-1.0, 3.0), (-2.5, 0.5), (1.0, -2.5)])
def test_descent_on_mnist_falls_quickly_then_creeps(start):
    """Three steps take more than a third of the descent, and the next 37 do not arrive."""
    w, halves = torch.tensor(start, dtype=torch.float64), two_weights.halves()
    found = [float(halves.risk(w))]
    for _ in range(MnistDescent.steps):
        w = w - MnistDescent.lr * halves.gradient(w)
        found.append(float(halves.risk(w)))
    above = np.array(found) - two_weights.smallest_risk()
    assert above[3] < 2 / 3 * above[0]
    assert above[-1] > 0.02


@pytest.mark.parametrize("seed", range(5))
def test_the_best_random_move_is_a_small_part_of_the_move_along_the_gradient(seed, reference):
    moves, size = Moves(), small_regression().start(0).numel()
    changes = moves.changes(programs.draw_directions(reference, size, 200, torch.Generator().manual_seed(seed)).numpy())
    assert -0.016 < changes.min() < -0.007
    assert BestRandomMove().outcome(Gathered({"random": changes})).answer == pytest.approx(changes.min(), abs=1e-4)


def test_twice_the_weights_square_the_cost_of_a_grid(reference):
    counts = [reference.grid_search(lambda w: w @ w, -1.0, 1.0, 3, dim)[1] for dim in (4, 8)]
    data = {"weights_4": np.array(counts[0]), "weights_8": np.array(counts[1])}
    assert GridOfTwiceTheWeights().outcome(Gathered(data)).answer == 81
    linear = {"weights_4": np.array(12.0), "weights_8": np.array(24.0)}
    assert "multiplies" not in GridOfTwiceTheWeights().outcome(Gathered(linear)).because


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
    expected = f"Evaluations: grid 4,096 at d = 6; random search {search:,.0f}, descent 30 at 256"
    assert pictures["curse"].title == expected
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
    assert picture.title == "Evaluations: grid 4,096 at d = 6; random search over 5,000, descent 30 at 256"
