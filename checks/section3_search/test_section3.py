"""Section 3: high-dimensional search, random search and gradient descent."""

import math
from itertools import pairwise

import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch.optim.sgd import sgd

from grader.toolkit.check import check
from grader.toolkit.closeness import (
    are_different,
    expect,
    expect_close,
    expect_different,
    expect_trajectory,
    expect_value_error,
)
from grader.toolkit.secret import expect_global_state_kept, secret
from grader.toolkit.statistics.isotropy import (
    expect_no_preferred_angle,
    expect_no_preferred_corner,
    expect_no_preferred_side,
)
from grader.toolkit.strategies import clones
from grader.toolkit.tensors import with_gaps
from grader.toolkit.thresholds import threshold

from ..shared.gradients import gradient_of
from ..shared.problems import Quadratic, Quartic
from ..shared.strategies import reflect, spectra, updates
from .convergence import DESCENT
from .evaluations import Evaluations
from .problems import Composition, RoundBowl, SmoothMaximum
from .programs import (
    draw_directions,
    gradient_at_moving_point,
    gradient_beside_planted_grad,
    planted_grad,
    repeat_search_step,
)

CHANGES = {"gradient_descent_step": ("params",)}
UNCHANGED = {
    "random_search_step": 0.1,
    "random_search": 0.1,
    "finite_difference_gradient": 0.1,
    "gradient": 0.05,
    "gradient_descent_step": 0.1,
    "gradient_descent": 0.1,
}
SEEDS = st.integers(0, 1000)
STEP_SIZES = st.sampled_from((0.5, 1.0, 0.1, 2.0))
# Points in two or more dimensions, where two random proposals never coincide.
POINTS = st.lists(st.sampled_from((1.0, -2.0, 0.5, 3.0)), min_size=2, max_size=4).map(
    lambda entries: torch.tensor(entries, dtype=torch.float64)
)


def generator_of(seed):
    return torch.Generator().manual_seed(seed)


def watched(objective, w):
    """The objective as a callback that a submission can only evaluate; it stays here and records each evaluation."""
    return Evaluations(objective, len(w))


def constant_except_at(point, other_value, value=1.0):
    """An objective with `value` at `point`, up to rounding, and `other_value` at all other points."""

    def constant(w):
        return torch.tensor(value if torch.allclose(w, point, 1e-9, 1e-12) else other_value, dtype=w.dtype)

    constant.__doc__ = f"{value:g} at this point; {other_value:.10g} at all other points"

    return constant


# -- grid_search

RANGES = st.sampled_from(((-1.0, 1.0), (0.0, 1.0), (-2.5, 0.5), (2.0, 7.0)))
# Where a minimum lies between `low` and `high`, along an axis. No grid of at most five points has two points equally near.
PLACES = st.sampled_from((0.9, 0.13, 0.37, 1.2))


@st.composite
def grids(draw, points=(3, 2, 4, 5), most_dims=3):
    """`(low, high, points_per_axis, places)`: a grid of at most 64 points, and where a minimum lies along each axis."""
    low, high = draw(RANGES)
    points_per_axis = draw(st.sampled_from(points))
    places = draw(st.lists(PLACES, min_size=1, max_size=most_dims if points_per_axis <= 4 else 2))
    return low, high, points_per_axis, places


def axis_of(low, high, points):
    return torch.tensor([low + (high - low) * i / (points - 1) for i in range(points)], dtype=torch.float64)


def best_of_all(objective, axis, dim):
    """The best point of a grid (by definition), and by how much the second best is worse."""
    points = torch.cartesian_prod(*[axis] * dim).reshape(-1, dim)
    values = torch.stack([objective(point) for point in points])
    order = values.argsort()
    return points[order[0]], float(values[order[1]] - values[order[0]])


@check("grid_search", points=0.75)
@given(grid=grids())
def test_grid_finds_the_point_nearest_to_a_minimum(student, grid):
    """In a round bowl, returns the grid point nearest to the minimum, in float64."""
    low, high, points, places = grid
    minimum = low + (high - low) * torch.tensor(places, dtype=torch.float64)
    axis = axis_of(low, high, points)
    nearest = torch.stack([axis[(axis - m).abs().argmin()] for m in minimum])
    w, _ = student.grid_search(watched(RoundBowl(minimum), minimum), low, high, points, len(places))
    expect_close({"w": (w, nearest)})


@check("grid_search", points=0.5)
@given(grid=grids(points=(3, 4), most_dims=2), slope=st.sampled_from((0.5, -3.0, 1.5)))
@settings(max_examples=10)
def test_grid_tries_all_combinations(student, grid, slope):
    """In a narrow valley across the axes, returns the best of all combinations of coordinates."""
    low, high, points, places = grid
    dim = len(places) + 1
    across = torch.linspace(1, -2, dim, dtype=torch.float64)
    hessian = 8 * torch.outer(across, across) + 0.25 * torch.eye(dim, dtype=torch.float64)
    minimum = torch.full((dim,), low + 0.4 * (high - low) + 0.05 * slope, dtype=torch.float64)
    objective = Quadratic(hessian, minimum)
    best, gap = best_of_all(objective, axis_of(low, high, points), dim)
    assume(gap > 1e-6)
    w, _ = student.grid_search(watched(objective, best), low, high, points, dim)
    expect_close({"w": (w, best)})


@check("grid_search", points=0.4, needs=["grid_finds_the_point_nearest_to_a_minimum"])
@given(grid=grids(points=(3, 2, 5)))
@example(grid=(0.0, 1.0, 7, [0.9]))  # where rounding gives `arange` a point too many
@settings(max_examples=8)
def test_grid_counts_its_evaluations(student, grid):
    """Evaluates the objective once at each of the `points_per_axis ** dim` points, and returns that number."""
    low, high, points, places = grid
    dim = len(places)
    objective = watched(RoundBowl(torch.zeros(dim, dtype=torch.float64)), torch.zeros(dim))
    _, evaluations = student.grid_search(objective, low, high, points, dim)
    expect_close({"number of evaluations": (len(objective.points), points**dim)})
    expect_close({"evaluations that you return": (evaluations, points**dim)})
    outside = torch.full((dim,), high + 1, dtype=torch.float64)
    expect_close({"different points of these": (len(objective.proposals(outside)), points**dim)})


@check("grid_search", points=0.25, needs=["grid_finds_the_point_nearest_to_a_minimum"])
@given(limits=RANGES, dim=st.sampled_from((1, 2, 3)))
@settings(max_examples=6)
def test_grid_of_a_single_point(student, limits, dim):
    """One point per axis is the middle, for numbers of any kind; equal limits are allowed."""
    low, high = limits
    objective = watched(RoundBowl(torch.zeros(dim, dtype=torch.float64)), torch.zeros(dim))
    for ends, points, value in ((limits, 1, (low + high) / 2), ((3, 3), 2, 3.0)):
        w, _ = student.grid_search(objective, *ends, points, dim)
        expect_close({"w": (w, torch.full((dim,), value, dtype=torch.float64))})


@check("grid_search", points=0.25, needs=["grid_finds_the_point_nearest_to_a_minimum"])
@given(numbers=st.sampled_from(((2.0, 1.0), (1.0, 2.0), (-1.0, 2.0))), place=st.sampled_from((1, 3, 4, 8)))
@settings(max_examples=12)
def test_grid_never_prefers_nan(student, numbers, place):
    """Returns the best number, wherever the other values are NaN; plus infinity is better than NaN."""
    some_numbers = {place: numbers[0], (place + 4) % 9: numbers[1]}
    for placed in ({0: numbers[0], place: numbers[1]}, some_numbers, {place: math.inf}):
        best = min(placed, key=placed.get)
        w, _ = student.grid_search(values_on_a_grid(placed, math.nan), -1.0, 1.0, 3, 2)
        expect_close({"w": (w, PLACES_OF_NINE[best])})


PLACES_OF_NINE = torch.cartesian_prod(*[torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)] * 2)


def values_on_a_grid(placed, otherwise):
    """An objective on the nine points of the grid -1, 0, 1 in two dimensions: values by row-major number, or `otherwise`."""

    def table(w):
        rank = int((PLACES_OF_NINE - w).abs().sum(1).argmin())
        return torch.tensor(placed.get(rank, otherwise), dtype=torch.float64)

    there = [f"{placed[rank]:g} at ({rank // 3 - 1}, {rank % 3 - 1})" for rank in sorted(placed)]
    table.__doc__ = f"{', '.join(there)}, else {otherwise:g}"
    return watched(table, PLACES_OF_NINE[0])


@check("grid_search", points=0.2, needs=["grid_finds_the_point_nearest_to_a_minimum"])
@given(places=st.lists(st.integers(0, 8), min_size=2, max_size=3, unique=True))
@settings(max_examples=8)
def test_grid_takes_the_first_of_equals(student, places):
    """Of equally good points, returns the first in row-major order."""
    objective = values_on_a_grid(dict.fromkeys(places, 1.0), 2.0)
    w, _ = student.grid_search(objective, -1.0, 1.0, 3, 2)
    expect_close({"w": (w, PLACES_OF_NINE[min(places)])})


@check("grid_search", points=0.15, needs=["grid_finds_the_point_nearest_to_a_minimum"])
def test_grid_search_rejects(student):
    """A points_per_axis or dim below 1, or high below low, raises ValueError."""
    cases = (("points_per_axis", -1.0, 1.0, 0, 2), ("dim", -1.0, 1.0, 3, 0), ("high", 1.0, -1.0, 3, 2))
    for name, low, high, points, dim in cases:
        with expect_value_error(name):
            student.grid_search(watched(RoundBowl(torch.zeros(2)), torch.zeros(2)), low, high, points, dim)


# -- random_direction


@check("random_direction", points=0.9)
@given(dim=st.sampled_from((2, 3, 5, 20, 784)), seed=SEEDS)
@settings(max_examples=10)
def test_direction_has_length_one(student, dim, seed):
    """Each draw is a float64 vector of length 1, and the next draw differs."""
    generator = generator_of(seed)
    first, second = (student.random_direction(dim, generator) for _ in range(2))
    for draw in (first, second):
        expect_unit_vector(draw, dim)
    # In few dimensions, an answer with few possible directions may repeat one; another check finds that mistake.
    first, second = (student.random_direction(50, generator) for _ in range(2))
    for draw in (first, second):
        expect_unit_vector(draw, 50)
    expect_different(first, second, "Two consecutive draws give the same direction.")


def expect_unit_vector(draw, dim):
    expect_close({"shape": (tuple(draw.shape), (dim,)), "dtype": (str(draw.dtype), "torch.float64")})
    expect_close({"length": (float(draw.norm()), 1.0)})


# A function that seeds its own generator for each draw is right, but takes a few tenths of a millisecond per draw.
@check("random_direction", points=0.6, needs=["direction_has_length_one"], call_cpu_seconds=10)
def test_direction_prefers_no_angle(student):
    """In two and three dimensions, all angles are equally likely.

    8000 draws each. In each plane through two axes, the angle of a uniform direction is uniform, so that cos(k angle) and
    sin(k angle) are 0 on average for k = 1 to 8. Hoeffding's inequality over all 64 averages: a right answer fails with a
    probability below 1e-9.
    """
    for dim in (2, 3):
        draws = student.run(draw_directions, dim, 8000, generator_of(dim))
        expect_close({"shape of 8000 draws": (tuple(draws.shape), (8000, dim))})
        expect_no_preferred_angle(draws, averages=64)


@check("random_direction", points=0.25, needs=["direction_has_length_one"], call_cpu_seconds=10)
def test_direction_prefers_no_corner(student):
    """In 200 dimensions, corners of the cube and all sides are equally likely.

    2500 draws. In few dimensions, almost normal numbers, such as sums of a few uniform numbers, look like normal
    numbers; the fourth powers of many entries show the difference. By Bernstein's inequality, a right answer fails with
    a probability below 1e-9.
    """
    draws = student.run(draw_directions, 200, 2500, generator_of(0))
    expect_close({"shape of 2500 draws": (tuple(draws.shape), (2500, 200))})
    expect_no_preferred_corner(draws)
    expect_no_preferred_side(draws)


@check("random_direction", points=0.5, needs=["direction_has_length_one"])
def test_direction_comes_from_the_generator(student):
    """Draws only from `generator`; equal states give equal directions; torch's global state stays."""
    first, again, other = (student.random_direction(3, generator_of(seed)) for seed in (1, 1, 2))
    expect_close({"direction from the same state": (again, first)})
    expect_different(first, other, "Generators with different seeds give the same direction.")
    expect_global_state_kept(student, "random_direction", 3, generator_of(1))


@check("random_direction", points=0.25, needs=["direction_has_length_one"])
def test_direction_on_a_line(student):
    """In one dimension, both -1 and 1 occur."""
    draws = student.run(draw_directions, 1, 64, generator_of(0))
    expect_close({"length of 64 draws": (draws.abs(), torch.ones(64, 1, dtype=torch.float64))})
    for sign in (1.0, -1.0):
        expect(bool((draws * sign > 0).any()), f"The direction {sign:.0f} does not occur in 64 draws.")


# -- random_search_step

# Two mutants survive. A direction is as likely as its opposite, and of two equal values either may be kept:
# random_search_step: `w + step_size * direction` -> `(w - step_size * direction)`
# random_search_step: `J_proposal < J` -> `(J_proposal <= J)`


def expect_better_of_two(objective, w, step_size, got):
    """`got` must be the better of `w` and the other evaluated point, at distance `step_size`."""
    proposals = objective.proposals(w)
    expect(len(proposals) == 1, f"A step evaluates a single point besides w, but yours evaluated {len(proposals)}.")
    proposal, before = proposals[0], float(objective(w))
    expect_close({"length of the proposed step": (float((proposal - w).norm()), step_size)})
    value = float(objective(proposal))
    better = (proposal, value) if value < before else (w, before)
    digits = 4 if f"{before:.4f}" != f"{value:.4f}" else 12  # show the difference that decides
    where = f"where J is {before:.{digits}f} at w and {value:.{digits}f} at the proposed point"
    expect_close({f"w_new, {where}": (got[0], better[0]), "J_new": (got[1], torch.tensor(better[1], dtype=w.dtype))})


@check("random_search_step", points=0.95, needs=["random_direction"])
@given(w=POINTS, step_size=STEP_SIZES, seed=SEEDS)
@settings(max_examples=10)
def test_search_step_keeps_the_better(student, w, step_size, seed):
    """Proposes a random point at distance step_size, and returns the better point with its value."""
    generator, proposed = generator_of(seed), []
    for _ in range(4):
        objective = watched(RoundBowl(torch.ones_like(w)), w)
        got = student.random_search_step(objective, w, step_size, generator)
        expect_better_of_two(objective, w, step_size, got)
        proposed += objective.proposals(w)
    expect(
        any(are_different(point, proposed[0]) for point in proposed), "Four consecutive steps propose the same point."
    )


@check("random_search_step", points=0.25, needs=["random_direction"])
@given(w=POINTS, step_size=STEP_SIZES, seed=SEEDS)
@settings(max_examples=5)
def test_search_step_on_top_and_at_the_bottom(student, w, step_size, seed):
    """Takes every step from the top of a hill, and no step from the bottom of a bowl."""
    for curvature in (-1.0, 1.0):
        objective = watched(RoundBowl(w, curvature), w)
        got = student.random_search_step(objective, w, step_size, generator_of(seed))
        expect_better_of_two(objective, w, step_size, got)


@check("random_search_step", points=0.4, needs=["search_step_keeps_the_better"])
@given(w=POINTS, seed=SEEDS)
@settings(max_examples=5)
def test_search_step_evaluates_twice(student, w, seed):
    """Evaluates the objective exactly twice, whether it takes the step or not."""
    for curvature in (-1.0, 1.0):
        objective = watched(RoundBowl(w, curvature), w)
        student.random_search_step(objective, w, 0.5, generator_of(seed))
        expect_close({"number of evaluations": (len(objective.points), 2)})


@check("random_search_step", points=0.2, needs=["search_step_keeps_the_better"])
@given(w=POINTS, seed=SEEDS)
@settings(max_examples=5)
def test_search_step_refuses_nan(student, w, seed):
    """Refuses a proposal with a NaN value, and leaves a point with an infinite value."""
    far_up = watched(constant_except_at(w, other_value=1.0, value=math.inf), w)
    got = student.random_search_step(far_up, w, 0.5, generator_of(seed))
    expect_better_of_two(far_up, w, 0.5, got)
    objective = watched(constant_except_at(w, other_value=math.nan), w)
    got = student.random_search_step(objective, w, 0.5, generator_of(seed))
    expect_close({"w_new": (got[0], w), "J_new": (got[1], torch.tensor(1.0, dtype=torch.float64))})


@check("random_search_step", points=0.2, needs=["search_step_keeps_the_better"])
@given(w=POINTS, difference=st.sampled_from((0.1, 1e-3, 1e-6, 1e-9)))
@settings(max_examples=10)
def test_search_step_sees_small_differences(student, w, difference):
    """Refuses a proposal that is slightly worse, and takes a proposal that is slightly better."""
    for other_value in (1 + difference, 1 - difference):
        objective = watched(constant_except_at(w, other_value), w)
        got = student.random_search_step(objective, w, 0.5, generator_of(0))
        expect_better_of_two(objective, w, 0.5, got)


@check(
    "random_search_step",
    points=0.2,
    needs=["search_step_keeps_the_better", "direction_prefers_no_angle", "direction_comes_from_the_generator"],
)
def test_search_step_draws_from_the_generator(student):
    """Draws proposals in all directions from `generator` only; torch's global state stays.

    A given quadrant holds none of 100 proposals in the plane with probability 0.75^100; any of the four, with 1.3e-12.
    """
    w = torch.tensor([1.0, 2.0], dtype=torch.float64)
    objective = Evaluations(RoundBowl(w), 2)
    student.run(repeat_search_step, objective, w, 1.0, 100, generator_of(0))
    moves = [point - w for point in objective.proposals(w)]
    expect_close({"different proposals in 100 steps with one generator": (len(moves), 100)})
    sides = {(bool(move[0] > 0), bool(move[1] > 0)) for move in moves}
    expect(len(sides) == 4, f"100 proposals in the plane lie in {len(sides)} of the 4 quadrants.")
    first, again, other = (proposal_of(student, w, seed) for seed in (1, 1, 2))
    expect_close({"proposal from the same state": (again, first)})
    expect_different(first, other, "Generators with different seeds give the same proposal.")
    narrow = w.float()
    first, again = (proposal_of(student, narrow, 1) for _ in range(2))
    expect_close({"proposal in float32 from the same state": (again, first)})
    for point in (w, narrow):
        arguments = watched(RoundBowl(point), point), point, 1.0, generator_of(1)
        expect_global_state_kept(student, "random_search_step", *arguments)


def proposal_of(student, w, seed):
    objective = watched(RoundBowl(w), w)
    student.random_search_step(objective, w, 1.0, generator_of(seed))
    proposals = objective.proposals(w)
    expect_close({"number of proposals in a step": (len(proposals), 1)})
    return proposals[0]


@check("random_search_step", points=0.1, needs=["search_step_keeps_the_better"])
def test_search_step_respects_its_arguments(student):
    """Keeps the dtype of w, float32 or float64."""
    for dtype in (torch.float64, torch.float32):
        w = torch.tensor([0.1, -0.3, 0.01], dtype=dtype)  # so small that a step and its reversal leave a rounding error
        for curvature in (-1.0, 1.0):
            objective = watched(RoundBowl(w, curvature), w)
            w_new, J_new = student.random_search_step(objective, w, 0.5, generator_of(0))
            moved = 0.5 if curvature < 0 else 0.0
            expect_close(
                {"shape of w_new": (tuple(w_new.shape), (3,)), "dtype of w_new": (str(w_new.dtype), str(dtype))}
            )
            expect_close({"length of the step": (float((w_new - w).norm()), moved)}, (1e-4, 1e-6))
            expect_close({"J_new": (J_new, torch.tensor(0.5 * curvature * moved**2, dtype=dtype))}, (1e-4, 1e-6))


@check("random_search_step", points=0.1, needs=["search_step_keeps_the_better"])
def test_search_step_rejects(student):
    """A negative step_size raises ValueError; 0 is allowed."""
    objective = watched(RoundBowl(torch.ones(2)), torch.ones(2))
    with expect_value_error("step_size"):
        student.random_search_step(objective, torch.ones(2), -0.5, generator_of(0))
    got, _ = student.random_search_step(objective, torch.ones(2), 0.0, generator_of(0))
    expect_close({"weights after a step of length 0": (got, torch.ones(2))})


# -- random_search


def expect_search(objective, w0, step_size, num_steps, got):
    """Compare the result with a search through the same proposals, the points that were evaluated."""
    w, history = got
    proposals = objective.proposals(w0)
    expect_close({"number of different points proposed": (len(proposals), num_steps)})
    current, best = w0, objective(w0)
    lengths, lowest = [], [best]
    for proposal in proposals:
        lengths.append(float((proposal - current).norm()))
        value = objective(proposal)
        if value < best:
            current, best = proposal, value
        lowest.append(best)
    expect_close({"history": (history, torch.stack(lowest))}, path="history")
    for step, length in enumerate(lengths, 1):
        expect_close({f"distance proposed in step {step}": (length, step_size)})
    expect_close({"w at the end": (w, current)})


@check("random_search", points=1.05, needs=["random_search_step"])
@given(w0=POINTS, step_size=STEP_SIZES, num_steps=st.sampled_from((1, 2, 5, 12)), seed=SEEDS)
def test_search_goes_on_from_the_best(student, w0, step_size, num_steps, seed):
    """Each step starts from the best point so far; the history holds its value after every step."""
    objective = watched(RoundBowl(torch.zeros_like(w0)), w0)
    got = student.random_search(objective, w0, step_size, num_steps, generator_of(seed))
    expect_search(objective, w0, step_size, num_steps, got)


@check("random_search", points=0.4, needs=["search_goes_on_from_the_best", "search_step_evaluates_twice"])
@given(w0=POINTS, num_steps=st.sampled_from((1, 4, 10)), seed=SEEDS)
@settings(max_examples=8)
def test_search_counts_evaluations(student, w0, num_steps, seed):
    """Evaluates the objective at most twice per step, and once more at the start."""
    objective = watched(RoundBowl(torch.zeros_like(w0)), w0)
    student.random_search(objective, w0, 0.5, num_steps, generator_of(seed))
    count, most = len(objective.points), 2 * num_steps + 1
    expect(count <= most, f"{num_steps} steps evaluate the objective {count} times; {most} times are enough.")


@check("random_search", points=0.25, needs=["search_goes_on_from_the_best"])
def test_search_makes_all_its_steps(student):
    """Makes all 100 steps in ten dimensions, and its history never rises."""
    objective = Evaluations(Quartic(torch.linspace(-2, 2, 10, dtype=torch.float64)), 10)
    w0 = torch.ones(10, dtype=torch.float64)
    got = student.random_search(objective, w0, 1.0, 100, generator_of(0))
    expect_search(objective, w0, 1.0, 100, got)


@check(
    "random_search",
    points=0.25,
    needs=["search_goes_on_from_the_best", "search_step_refuses_nan", "search_step_sees_small_differences"],
)
@given(w0=POINTS, other_value=st.sampled_from((math.nan, 1 + 1e-3, 1 + 1e-6, 1 + 1e-9)), seed=SEEDS)
@settings(max_examples=10)
def test_search_goes_nowhere_worse(student, w0, other_value, seed):
    """Refuses points where the objective is NaN or slightly higher."""
    objective = watched(constant_except_at(w0, other_value), w0)
    w, history = student.random_search(objective, w0, 0.5, 4, generator_of(seed))
    expect_close({"history": (history, torch.ones(5, dtype=torch.float64)), "w at the end": (w, w0)})


@check("random_search", points=0.25, needs=["search_goes_on_from_the_best", "search_step_draws_from_the_generator"])
def test_search_draws_from_the_generator(student):
    """Draws a new direction for each step from `generator` only; torch's global state stays."""
    w0 = torch.tensor([1.0, 2.0], dtype=torch.float64)
    objective = Evaluations(RoundBowl(w0), 2)  # at the minimum, where every proposal starts from w0
    student.random_search(objective, w0, 1.0, 10, generator_of(0))
    expect_close({"different proposals in 10 steps": (len(objective.proposals(w0)), 10)})
    hill = watched(RoundBowl(w0, -1.0), w0)
    first, again, other = (student.random_search(hill, w0, 1.0, 3, generator_of(seed))[0] for seed in (1, 1, 2))
    expect_close({"w from the same state": (again, first)})
    expect_different(first, other, "Generators with different seeds give the same path.")
    source = generator_of(1)
    one, two = (student.random_search(hill, w0, 1.0, 3, source)[0] for _ in range(2))
    expect_different(one, two, "Two consecutive searches with the same generator follow the same path.")
    expect_global_state_kept(student, "random_search", hill, w0, 1.0, 3, generator_of(1))


@check("random_search", points=0.1, needs=["search_goes_on_from_the_best", "search_step_respects_its_arguments"])
def test_search_of_no_steps_and_in_float32(student):
    """Zero steps return the start and its value; a float32 start gives a float32 result."""
    for dtype in (torch.float64, torch.float32):
        w0, hill = torch.tensor([1.0, -2.0], dtype=dtype), RoundBowl(torch.zeros(2, dtype=dtype), -1.0)
        w, history = student.random_search(watched(hill, w0), w0, 0.5, 0, generator_of(0))
        expect_close(
            {"w after no steps": (w, w0), "history of no steps": (history, torch.full((1,), -2.5, dtype=dtype))}
        )
        w, history = student.random_search(watched(hill, w0), w0, 0.5, 20, generator_of(0))
        expect_close({"shape of w": (tuple(w.shape), (2,)), "dtype of w": (str(w.dtype), str(dtype))})
        expect_close({"shape of the history": (tuple(history.shape), (21,))})
        expect_close({"last entry of the history": (history[-1], hill(w))}, (1e-4, 1e-6))


@check("random_search", points=0.1, needs=["search_goes_on_from_the_best"])
def test_search_rejects(student):
    """A negative step_size or num_steps raises ValueError, also with zero steps; a step_size of 0 is allowed."""
    for name, step_size, num_steps in (("step_size", -0.5, 2), ("step_size", -0.5, 0), ("num_steps", 0.5, -1)):
        with expect_value_error(name):
            objective = watched(RoundBowl(torch.ones(2)), torch.ones(2))
            student.random_search(objective, torch.ones(2), step_size, num_steps, generator_of(0))
    objective = watched(RoundBowl(torch.ones(2)), torch.ones(2))
    w, _ = student.random_search(objective, torch.ones(2), 0.0, 2, generator_of(0))
    expect_close({"w after steps of length 0": (w, torch.ones(2))})


# -- finite_difference_gradient

# For eps = 0 nothing is promised, so this mutant survives:
# finite_difference_gradient: `eps >= 0` -> `(eps > 0)`

SLOPES = st.lists(st.sampled_from((1.0, -2.0, 0.5)), min_size=1, max_size=3).map(
    lambda entries: torch.tensor(entries, dtype=torch.float64)
)


@check("finite_difference_gradient", points=1)
@given(slope=SLOPES, eps=st.sampled_from((0.5, 0.1, 1.0, 0.01)))
def test_finite_differences_are_central(student, slope, eps):
    """Central differences of w^4 / 4 are exactly w^3 + eps^2 w, for any eps."""
    w = torch.linspace(2, -1, len(slope), dtype=torch.float64)
    expected = w**3 + slope + eps**2 * w
    got = student.finite_difference_gradient(watched(Quartic(slope), w), w, eps=eps)
    expect_close({"central differences": (got, expected)}, (1e-9, 1e-10))


@check("finite_difference_gradient", points=0.5)
@given(spectrum=spectra(), eps=st.sampled_from((0.5, 0.1, 1.0)))
@settings(max_examples=10)
def test_finite_differences_on_a_bowl(student, spectrum, eps):
    """On a quadratic, the result is the gradient H (w - minimum), for any eps."""
    dim = len(spectrum.eigenvalues)
    objective = Quadratic(spectrum.matrix, torch.ones(dim, dtype=torch.float64))
    w = torch.arange(2.0, dim + 2, dtype=torch.float64) + 0.1  # which float32 rounds
    got = student.finite_difference_gradient(watched(objective, w), w, eps=eps)
    expect_close({"central differences": (got, gradient_of(objective, w))}, (1e-9, 1e-10))


@check("finite_difference_gradient", points=0.5)
def test_finite_differences_agree_with_autograd(student):
    """With the default eps, agrees with autograd to about eps^2 on a non-polynomial function."""
    objective = SmoothMaximum(torch.tensor([[1.0, 0.5, -1.0], [0.0, 2.0, 1.0], [-1.0, 1.0, 0.5]], dtype=torch.float64))
    w = torch.tensor([0.3, -0.2, 0.5], dtype=torch.float64)
    got = student.finite_difference_gradient(watched(objective, w), w)
    expect_close({"central differences": (got, by_autograd(objective, w))}, (1e-7, 1e-8))


def by_autograd(objective, w):
    leaf = w.clone().requires_grad_()
    return torch.autograd.grad(objective(leaf), leaf)[0]


@check("finite_difference_gradient", points=0.5, needs=["finite_differences_are_central"])
@given(dim=st.sampled_from((1, 2, 7)))
@settings(max_examples=3)
def test_finite_differences_count_evaluations(student, dim):
    """Evaluates the objective exactly 2 d times in d dimensions."""
    objective = Evaluations(RoundBowl(torch.zeros(dim, dtype=torch.float64)), dim)
    student.finite_difference_gradient(objective, torch.ones(dim, dtype=torch.float64), eps=0.1)
    expect_close({"number of evaluations": (len(objective.points), 2 * dim)})


@check("finite_difference_gradient", points=0.1, needs=["finite_differences_are_central"])
def test_finite_differences_respect_their_argument(student):
    """Keeps float32, and accepts non-contiguous tensors."""
    for dtype in (torch.float64, torch.float32):
        w = with_gaps(torch.tensor([0.1, -0.7, 3.3], dtype=dtype))
        objective = watched(RoundBowl(torch.ones(3, dtype=dtype)), w)
        expect_close(
            {"central differences": (student.finite_difference_gradient(objective, w, 0.3), w - 1)}, (1e-4, 1e-5)
        )


@check("finite_difference_gradient", points=0.05, needs=["finite_differences_are_central"])
def test_finite_differences_reject(student):
    """A negative eps raises ValueError."""
    with expect_value_error("eps"):
        student.finite_difference_gradient(watched(RoundBowl(torch.ones(2)), torch.ones(2)), torch.ones(2), eps=-0.1)


# -- gradient


FUNCTIONS = st.lists(st.sampled_from(("sin", "tanh", "sigmoid", "cos")), min_size=1, max_size=4)


def composition(dim, functions):
    """An objective (dim,) whose gradient needs the chain rule: no field of it holds the gradient."""
    sizes = [dim] + [3] * len(functions)
    shapes = [(rows, columns) for columns, rows in pairwise(sizes)]
    matrices = [torch.cos(torch.arange(1.0 * n * m, dtype=torch.float64)).reshape(n, m) for n, m in shapes]
    return Composition(matrices, functions)


@check("gradient", points=0.7)
@given(slope=SLOPES, spectrum=spectra(max_dim=3))
def test_gradient_in_closed_form(student, slope, spectrum):
    """Equals the closed form on a quartic and a quadratic, and obeys the chain rule."""
    dim = len(spectrum.eigenvalues)
    quadratic = Quadratic(spectrum.matrix, torch.ones(dim, dtype=torch.float64))
    for objective, size in ((Quartic(slope), len(slope)), (quadratic, dim)):
        w = torch.linspace(2, -1, size, dtype=torch.float64)
        expect_close({"gradient": (student.gradient(objective, w), gradient_of(objective, w))})
    chain, w = composition(dim, ["sin", "tanh", "sigmoid"]), torch.linspace(2, -1, dim, dtype=torch.float64)
    expect_close({"gradient": (student.gradient(chain, w), by_autograd(chain, w))})


@check("gradient", points=0.5, needs=["gradient_in_closed_form"])
@given(slope=SLOPES)
@settings(max_examples=5)
def test_gradient_forgets_the_last_call(student, slope):
    """Repeated calls give the gradient at the current w, not a sum of several gradients."""
    points = torch.stack([torch.full_like(slope, value) for value in (2.0, -1.0, 0.5)])
    objective = Quartic(slope)
    got = student.run(gradient_at_moving_point, objective, points)
    expect_close({"gradient at each point": (got, [gradient_of(objective, point) for point in points])})


@check("gradient", points=0.5)
@given(w=POINTS, functions=FUNCTIONS)
@settings(max_examples=10)
def test_gradient_agrees_with_torch(student, w, functions):
    """Is exact up to rounding, like autograd, on non-polynomial functions."""
    objective, w = composition(len(w), functions), w / 3
    expect_close({"gradient": (student.gradient(objective, w), by_autograd(objective, w))})


@check("gradient", points=0.1, needs=["gradient_in_closed_form"])
def test_gradient_leaves_no_trace(student):
    """Leaves `w.grad` unchanged, and returns a tensor that shares no memory with w or w.grad."""
    objective = Quartic(torch.tensor([1.0, -2.0], dtype=torch.float64))
    w, number = torch.tensor([2.0, 0.5], dtype=torch.float64).requires_grad_(), secret()
    slopes, left = student.run(gradient_beside_planted_grad, objective, w, number)
    planted = planted_grad(w, number)
    kept = left is not None and left.dtype is planted.dtype and torch.equal(left, planted)
    expect(kept, "Your call changes w.grad. Leave it unchanged.")
    right = gradient_of(objective, w.detach())
    same = slopes.shape == right.shape and slopes.dtype is right.dtype and torch.allclose(slopes, right, 1e-9, 1e-12)
    expect(same, "The gradient is wrong if w.grad already holds one, or it changes when w and w.grad change later.")


@check("gradient", points=0.15, needs=["gradient_in_closed_form"])
def test_gradient_of_special_points(student):
    """Is zero at the minimum, keeps float32, and accepts requires_grad and non-contiguous tensors."""
    for dtype in (torch.float64, torch.float32):
        minimum = torch.tensor([1.0, -2.0, 0.5], dtype=dtype)
        for w in (minimum, with_gaps(2 * minimum), (2 * minimum).requires_grad_()):
            expect_close({"gradient": (student.gradient(RoundBowl(minimum), w), w.detach() - minimum)})


# -- gradient_descent_step


def torch_descent(params, grads, lr):
    """One step of the rule of torch.optim.SGD, in its functional form, which imports quickly."""
    sgd(
        params, grads, [None] * len(params), weight_decay=0.0, momentum=0.0, lr=lr,
        dampening=0.0, nesterov=False, maximize=False, foreach=False,
    )  # fmt: skip


@check("gradient_descent_step", points=0.75)
@given(problem=updates())
def test_descent_one_step(student, problem):
    """One step subtracts lr times the gradient from each tensor, in place."""
    grads = problem.gradients[0]
    expected = [w - problem.lr * g for w, g in zip(problem.params, grads, strict=True)]
    _, after = student.gradient_descent_step(problem.params, grads, lr=problem.lr)
    expect_close({"weights after step 1": (after.params, expected)})


@check("gradient_descent_step", points=0.45)
@given(problem=updates(steps=4))
@settings(max_examples=10)
def test_descent_follows_torch(student, problem):
    """Four consecutive steps end where torch.optim.SGD ends."""
    oracle, params = clones(problem.params), problem.params
    for step, grads in enumerate(problem.gradients, 1):
        torch_descent(oracle, grads, problem.lr)
        _, after = student.gradient_descent_step(params, grads, lr=problem.lr)
        params = after.params
        expect_close({f"weights after step {step}": (params, oracle)})


@check("gradient_descent_step", points=0.15, needs=["descent_one_step"])
@given(problem=updates(dtype=torch.float32))
@settings(max_examples=10)
def test_descent_respects_its_arguments(student, problem):
    """Keeps float32, and accepts requires_grad, non-contiguous tensors and large gradients."""
    oracle, grads = clones(problem.params), [with_gaps(g) for g in problem.gradients[0]]
    torch_descent(oracle, grads, problem.lr)
    params = [with_gaps(w).requires_grad_() for w in problem.params]
    _, after = student.gradient_descent_step(params, grads, lr=problem.lr)
    expect_close({"weights after step 1": (after.params, oracle)})
    for size, slopes, expected in (("large", [1000.0, -50.0], [-99.0, 7.0]), ("small", [0.3, -0.1], [0.97, 2.01])):
        w, g, right = (torch.tensor(numbers, dtype=torch.float64) for numbers in ([1.0, 2.0], slopes, expected))
        _, after = student.gradient_descent_step([w], [g], lr=0.1)
        expect_close({f"weights after a step with {size} gradients": (after.params, [right])})


@check("gradient_descent_step", points=0.05, needs=["descent_one_step"])
def test_descent_step_rejects(student):
    """A negative lr raises ValueError; 0 is allowed."""
    with expect_value_error("lr"):
        student.gradient_descent_step([torch.ones(1)], [torch.ones(1)], lr=-0.1)
    _, after = student.gradient_descent_step([torch.ones(1)], [torch.ones(1)], lr=0.0)
    expect_close({"weights after a step with lr 0": (after.params, [torch.ones(1)])})


@check("gradient_descent_step", points=0.5, needs=["descent_one_step", "descent_follows_torch"])
def test_descent_trains_mnist(student, note):
    """On MNIST, your steps reach a loss that random search does not reach in the same time.

    The threshold is measured: a right answer is above it with a probability of at most 1e-6 (docs/thresholds.md).
    """
    bound = threshold(__file__, "mnist")
    outcome = DESCENT.train(student, seed=0)
    note(
        f"on MNIST, with 7,850 weights, loss {outcome.loss:.3f} after {DESCENT.steps} steps; random search "
        f"{bound.contrast:.3f} after {DESCENT.evaluations} evaluations, which take as long as these gradients"
    )
    expect(
        outcome.deviation is None,
        f"Small examples are right, but step {outcome.deviation} on MNIST does not follow the rule of gradient_descent_step.",
    )
    expect(
        outcome.loss <= bound.threshold,
        f"After {DESCENT.steps} steps on MNIST the loss is {outcome.loss:.3f}; descent reaches {bound.threshold:.3f}.",
    )


# -- gradient_descent


def path_on_a_bowl(bowl, w0, lr, num_steps):
    """The path of gradient descent on a quadratic, in closed form: (num_steps + 1, d)."""
    contraction = torch.eye(len(w0), dtype=w0.dtype) - lr * bowl.hessian
    offset = w0 - bowl.minimum
    powers = [torch.linalg.matrix_power(contraction, t) for t in range(num_steps + 1)]
    return torch.stack([bowl.minimum + power @ offset for power in powers])


def expect_path_of_torch(student, objective, w0, lr, num_steps):
    w, rows = w0.clone(), [w0]
    for _ in range(num_steps):
        torch_descent([w], [by_autograd(objective, w)], lr)
        rows.append(w.clone())
    expect_trajectory(student.gradient_descent(objective, w0, lr, num_steps), torch.stack(rows))


@check("gradient_descent", points=0.95, needs=["gradient", "gradient_descent_step"])
@given(spectrum=spectra(max_dim=3), lr=st.sampled_from((0.01, 0.1)), num_steps=st.sampled_from((1, 2, 6)))
def test_gradient_descent_on_a_bowl(student, spectrum, lr, num_steps):
    """On a quadratic, the path has its closed form; on another function, it follows torch.optim.SGD."""
    dim = len(spectrum.eigenvalues)
    objective = Quadratic(spectrum.matrix, torch.arange(dim, dtype=torch.float64))
    w0 = torch.full((dim,), 3.0, dtype=torch.float64)
    expected = path_on_a_bowl(objective, w0, lr, num_steps)
    expect_trajectory(student.gradient_descent(objective, w0, lr, num_steps), expected)
    expect_path_of_torch(student, composition(dim, ["sin", "tanh"]), w0, lr, num_steps)


@check("gradient_descent", points=0.65, needs=["gradient", "gradient_descent_step"])
@given(w0=POINTS, functions=FUNCTIONS, lr=st.sampled_from((0.1, 0.05, 0.3)))
@settings(max_examples=10)
def test_gradient_descent_follows_torch(student, w0, functions, lr):
    """Follows the same path as torch.optim.SGD on non-polynomial functions."""
    expect_path_of_torch(student, composition(len(w0), functions), w0, lr, 8)


@check("gradient_descent", points=0.2, needs=["gradient_descent_on_a_bowl"])
def test_gradient_descent_leaves_its_start_alone(student):
    """Row 0 is w0, for 0, 2 or 120 steps, in float32, and from a start that requires grad."""
    halves = 0.5 ** torch.arange(121, dtype=torch.float64)[:, None]
    many = student.gradient_descent(RoundBowl(torch.zeros(1, dtype=torch.float64)), halves[0], 0.5, 120)
    expect_trajectory(many, halves)
    for dtype, requires_grad in ((torch.float64, False), (torch.float64, True), (torch.float32, False)):
        objective = RoundBowl(torch.zeros(2, dtype=dtype))
        start = torch.tensor([1.0, -2.0], dtype=dtype)
        w0 = start.clone().requires_grad_(requires_grad)
        expect_close({"trajectory of no steps": (student.gradient_descent(objective, w0, 0.5, 0), start[None])})
        two = torch.stack([start, 0.5 * start, 0.25 * start])
        path = student.gradient_descent(objective, w0, 0.5, 2)
        expect_close({"trajectory of two steps": (path, two)}, path="trajectory of two steps")


@check("gradient_descent", points=0.25, needs=["gradient_descent_on_a_bowl"])
@given(spectrum=spectra(), fraction=st.sampled_from((0.5, 0.95, 0.1)))
@settings(max_examples=10)
def test_gradient_descent_descends(student, spectrum, fraction):
    """With lr below 2 / L the objective never rises; above it, it rises along the steepest axis."""
    dim = len(spectrum.eigenvalues)
    objective = Quadratic(spectrum.matrix, torch.zeros(dim, dtype=torch.float64))
    steepest = torch.linalg.eigh(spectrum.matrix)[1][:, -1]
    for start, factor in ((torch.ones_like(steepest), fraction), (steepest, 1.05)):
        trajectory = student.gradient_descent(objective, start, factor * 2 / spectrum.largest, 10)
        expect_close({"shape of the trajectory": (tuple(trajectory.shape), (11, dim))})
        heights = torch.stack([objective(w) for w in trajectory])
        limits = heights[:-1] + 1e-12
        wrong = ~(heights[1:] <= limits) if factor < 1 else ~(heights[1:] > limits)  # NaN is wrong in both
        verb = "rises" if factor < 1 else "does not rise"
        steps = wrong.nonzero().flatten().tolist()
        expect(not steps, f"At lr = {factor} * 2 / L the objective {verb} in step {steps[0] + 1 if steps else 0}.")


@check("gradient_descent", points=0.25, needs=["gradient_descent_on_a_bowl"])
@given(spectrum=spectra(max_dim=3))
@settings(max_examples=5)
def test_gradient_descent_turns_with_the_landscape(student, spectrum):
    """A reflected landscape and start give the reflected trajectory."""
    dim = len(spectrum.eigenvalues)
    minimum, w0 = torch.zeros(dim, dtype=torch.float64), torch.arange(1.0, dim + 1, dtype=torch.float64)
    normal = torch.linspace(1, -2, dim, dtype=torch.float64)
    mirror = torch.eye(dim, dtype=torch.float64) - 2 * torch.outer(normal, normal) / (normal @ normal)
    bowl, mirrored = Quadratic(spectrum.matrix, minimum), Quadratic(reflect(spectrum.matrix, normal), minimum)
    expected = path_on_a_bowl(bowl, w0, 0.02, 5)
    expect_trajectory(student.gradient_descent(bowl, w0, 0.02, 5), expected)
    expect_trajectory(student.gradient_descent(mirrored, mirror @ w0, 0.02, 5), expected @ mirror)


@check("gradient_descent", points=0.1, needs=["gradient_descent_on_a_bowl"])
def test_gradient_descent_rejects(student):
    """A negative lr or num_steps raises ValueError, also with zero steps; an lr of 0 is allowed."""
    for name, lr, num_steps in (("lr", -0.1, 2), ("lr", -0.1, 0), ("num_steps", 0.1, -1)):
        with expect_value_error(name):
            student.gradient_descent(RoundBowl(torch.ones(2)), torch.ones(2), lr, num_steps)
    path = student.gradient_descent(RoundBowl(torch.ones(2)), torch.ones(2), 0.0, 2)
    expect_trajectory(path, torch.ones(3, 2))
