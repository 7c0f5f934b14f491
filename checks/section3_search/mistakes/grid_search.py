"""Mistakes in grid_search."""

import itertools
import math

import torch

from grader.toolkit.mistakes import mistake


def expect_grid(low, high, points_per_axis, dim):
    if points_per_axis < 1:
        raise ValueError("points_per_axis must be at least 1")
    if dim < 1:
        raise ValueError("dim must be at least 1")
    if not low <= high:
        raise ValueError("high must not be below low")


def axis_from(low, high, points):
    if points == 1:
        return [(low + high) / 2]
    return [low + (high - low) * i / (points - 1) for i in range(points)]


def best_of(objective, axis, dim, better=lambda value, best: value < best or math.isnan(best)):
    """The best point of all combinations, and their number; `better` decides whether a value replaces the best one."""
    best, lowest, evaluations = None, math.nan, 0
    for coordinates in itertools.product(axis, repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value = float(objective(w))
        evaluations += 1
        if best is None or better(value, lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 3 points? They should be -1, 0 and 1.",
        "How far apart are m points that include both ends?",
        "Divide the range into m - 1 parts, not into m.",
    ),
)
def upper_end_left_out(objective, low, high, points_per_axis, dim):
    """Your grid starts at `low` but does not reach `high`: you divide the range into as many parts as there are points. Both
    ends belong to the grid, so m points have m - 1 gaps. Check the distance between your points."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, [low + (high - low) * i / points_per_axis for i in range(points_per_axis)], dim)


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 3 points? They should be -1, 0 and 1.",
        "How far apart are m points that include both ends?",
        "Divide the range into m - 1 parts, not into m.",
    ),
)
def upper_end_left_out_of_several(objective, low, high, points_per_axis, dim):
    """A single point is right, but your other grids do not reach `high`: you divide the range into as many parts as there are
    points. Both ends belong to the grid, so m points have m - 1 gaps. Check the distance between your points."""
    expect_grid(low, high, points_per_axis, dim)
    if points_per_axis == 1:
        return best_of(objective, [(low + high) / 2], dim)
    return best_of(objective, [low + (high - low) * i / points_per_axis for i in range(points_per_axis)], dim)


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 3 points? They should be -1, 0 and 1.",
        "Does torch.arange, or Python's range, include its end?",
        "Choose a function that includes both ends, or add the last point.",
    ),
)
def last_point_left_out(objective, low, high, points_per_axis, dim):
    """Your distance between points is right, but the last point, `high`, is missing: `arange` and `range` stop before their end.
    Both ends belong to the grid. Print the values on your axis."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    return best_of(objective, axis[:-1] if points_per_axis > 1 and low < high else axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 3 points? They should be -1, 0 and 1.",
        "Does torch.arange, or Python's range, include its end? And what is the distance of a single point to the next?",
        "Choose a function that includes both ends, and treat a single point as a special case.",
    ),
)
def last_point_left_out_and_no_middle(objective, low, high, points_per_axis, dim):
    """The last point, `high`, is missing: `arange` and `range` stop before their end. And a single point raises an error, because
    the distance between points divides by m - 1. Both ends belong to the grid; a single point is the middle."""
    expect_grid(low, high, points_per_axis, dim)
    step = (high - low) / (points_per_axis - 1)
    return best_of(objective, torch.arange(low, high, step, dtype=torch.float64).tolist(), dim)


@mistake(
    "grid_search",
    hints=(
        "Print the length of your axis for low = -2.5, high = 0.5 and 4 or 7 points. Is it always right?",
        "Rounding decides whether an `arange` still reaches its end.",
        "Choose a function that takes the number of points, not their distance.",
    ),
)
def one_point_past_the_end(objective, low, high, points_per_axis, dim):
    """Some of your grids have a point too many: `arange` with a distance that is not exact may pass its end by rounding. Choose a
    function that takes the number of points."""
    expect_grid(low, high, points_per_axis, dim)
    if points_per_axis == 1 or low == high:
        return best_of(objective, [(low + high) / 2] * points_per_axis, dim)
    step = (high - low) / (points_per_axis - 1)
    return best_of(objective, torch.arange(low, high + step, step, dtype=torch.float64).tolist(), dim)


@mistake(
    "grid_search",
    hints=(
        "How many values does your axis have for 3 points per axis?",
        "m is the number of points, not the number of gaps between them.",
        "Lay m points on each axis.",
    ),
)
def one_point_too_many(objective, low, high, points_per_axis, dim):
    """Your axes have m + 1 points: you take `points_per_axis` for the number of gaps. Print the values on your axis, and count
    them."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis + 1), dim)


@mistake(
    "grid_search",
    hints=(
        "A grid has NaN first and infinity later, and no number. Which point do you return?",
        "numpy's nanargmin replaces NaN by infinity, and so may your code. Which of two infinities comes first?",
        "Leave points with NaN out, instead of giving them a value.",
    ),
)
def nan_counts_as_infinity(objective, low, high, points_per_axis, dim):
    """You treat NaN as if it were infinity, as numpy's `nanargmin` does. So a point with NaN is as good as a point with infinity,
    and wins if it comes first. Even infinity is better than NaN: leave NaN out, instead of replacing it."""
    expect_grid(low, high, points_per_axis, dim)
    points = list(itertools.product(axis_from(low, high, points_per_axis), repeat=dim))
    values = [float(objective(torch.tensor(point, dtype=torch.float64))) for point in points]
    values = [math.inf if math.isnan(value) else value for value in values]
    return torch.tensor(points[values.index(min(values))], dtype=torch.float64), len(points)


@mistake(
    "grid_search",
    hints=(
        "Search in one dimension. What shape does the tensor have that your objective gets?",
        "What does torch.cartesian_prod return for a single axis? Try it.",
        "Reshape the points to (number of points, dim).",
    ),
)
def one_dimension_forgotten(objective, low, high, points_per_axis, dim):
    """In one dimension, your objective gets a 0-d tensor instead of a tensor with one entry. `torch.cartesian_prod` of a single
    axis returns the axis itself. Give the points the shape (number of points, dim)."""
    expect_grid(low, high, points_per_axis, dim)
    axis = torch.tensor(axis_from(low, high, points_per_axis), dtype=torch.float64)
    best, lowest, evaluations = None, math.nan, 0
    for w in torch.cartesian_prod(*[axis] * dim):
        value = float(objective(w))
        evaluations += 1
        if value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "How many times do you evaluate the objective for 3 points per axis in 2 dimensions? A grid has 3 * 3 points.",
        "In a narrow valley, the best value of one coordinate depends on the others. Does your search see that?",
        "Go through all combinations of coordinates, for example with itertools.product.",
    ),
)
def one_axis_at_a_time_from_the_middle(objective, low, high, points_per_axis, dim):
    """You search one axis after the other, with the other coordinates in the middle at first. That takes only m * d evaluations,
    but in a valley across the axes it misses the best point. A grid search tries all m^d combinations."""
    expect_grid(low, high, points_per_axis, dim)
    w, evaluations = torch.full((dim,), (low + high) / 2, dtype=torch.float64), 0
    for i in range(dim):
        lowest, best = math.nan, 0.0
        for x in axis_from(low, high, points_per_axis):
            point = w.clone()
            point[i] = x
            value = float(objective(point))
            evaluations += 1
            if value < lowest or math.isnan(lowest):
                lowest, best = value, x
        w[i] = best
    return w, evaluations


@mistake(
    "grid_search",
    hints=(
        "How many times do you evaluate the objective for 3 points per axis in 2 dimensions? A grid has 3 * 3 points.",
        "In a narrow valley, the best value of one coordinate depends on the others. Does your search see that?",
        "Go through all combinations of coordinates, for example with itertools.product.",
    ),
)
def one_axis_at_a_time_from_zero(objective, low, high, points_per_axis, dim):
    """You search one axis after the other, with the other coordinates at zero at first. That takes only m * d evaluations, but in
    a valley across the axes it misses the best point. A grid search tries all m^d combinations."""
    expect_grid(low, high, points_per_axis, dim)
    w, evaluations = torch.zeros(dim, dtype=torch.float64), 0
    for i in range(dim):
        lowest, best = math.nan, 0.0
        for x in axis_from(low, high, points_per_axis):
            point = w.clone()
            point[i] = x
            value = float(objective(point))
            evaluations += 1
            if value < lowest or math.isnan(lowest):
                lowest, best = value, x
        w[i] = best
    return w, evaluations


@mistake(
    "grid_search",
    hints=(
        "Which two things does the docstring list under Returns?",
        "What is the type of your second result?",
        "Count the evaluations, and return the count in second place.",
    ),
)
def value_in_place_of_the_count(objective, low, high, points_per_axis, dim):
    """You return the point and the value of the objective there. The second result should be the number of evaluations, an int.
    Check Returns in the docstring."""
    expect_grid(low, high, points_per_axis, dim)
    best, _ = best_of(objective, axis_from(low, high, points_per_axis), dim)
    return best, float(objective(best))


@mistake(
    "grid_search",
    hints=(
        "Which two things does the docstring list under Returns?",
        "What is the type of your second result?",
        "Count the evaluations, and return the count in second place.",
    ),
)
def value_as_a_tensor_in_place_of_the_count(objective, low, high, points_per_axis, dim):
    """You return the point and the value of the objective there. The second result should be the number of evaluations, an int.
    Check Returns in the docstring."""
    expect_grid(low, high, points_per_axis, dim)
    best, _ = best_of(objective, axis_from(low, high, points_per_axis), dim)
    return best, objective(best)


@mistake(
    "grid_search",
    hints=(
        "Search 3 points per axis in 2 dimensions. The grid has 9 points. Which number do you return?",
        "m values for the first coordinate, m for the second: how many pairs?",
        "The number of dimensions is the exponent.",
    ),
)
def power_the_wrong_way(objective, low, high, points_per_axis, dim):
    """The point is right, but you return d^m as the number of evaluations. There are m choices for each of d coordinates: m^d.
    Check which number is the exponent, or count in the loop."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim)[0], dim**points_per_axis


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 3 points? They should be -1, 0 and 1.",
        "Are `low` and `high` themselves points of your grid?",
        "Let the first point be `low` and the last `high`, and divide the range into m - 1 gaps.",
    ),
)
def middles_of_cells(objective, low, high, points_per_axis, dim):
    """Your grid has the middles of m equal cells, so neither `low` nor `high` is a point. Both ends belong to the grid. Only
    a single point lies in the middle. Check the values on your axis."""
    expect_grid(low, high, points_per_axis, dim)
    axis = [low + (high - low) * (i + 0.5) / points_per_axis for i in range(points_per_axis)]
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Which values does your axis have for low = -1, high = 1 and 2 points? They should be -1 and 1.",
        "Are `low` and `high` themselves points of your grid?",
        "Leave no gap before the first point and after the last.",
    ),
)
def inner_points_only(objective, low, high, points_per_axis, dim):
    """Your points all lie inside the range: both `low` and `high` are missing. They belong to the grid. Check the first and the
    last value on your axis."""
    expect_grid(low, high, points_per_axis, dim)
    axis = [low + (high - low) * (i + 1) / (points_per_axis + 1) for i in range(points_per_axis)]
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Search a grid with points_per_axis = 1, low = -1 and high = 1. Where is its point?",
        "What does torch.linspace return for a single point? Look it up.",
        "Treat a single point as a special case: it is the middle of low and high.",
    ),
)
def single_point_at_low(objective, low, high, points_per_axis, dim):
    """With one point per axis, your point is `low`, and it should be the middle of `low` and `high`. A formula for both ends
    has nothing to divide by here: a single point needs a line of its own."""
    expect_grid(low, high, points_per_axis, dim)
    axis = [low] if points_per_axis == 1 else axis_from(low, high, points_per_axis)
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Search a grid with points_per_axis = 1. What happens?",
        "By which number does your formula for the distance divide?",
        "Treat a single point as a special case: it is the middle of low and high.",
    ),
)
def single_point_divides_by_zero(objective, low, high, points_per_axis, dim):
    """With one point per axis, your function raises an error: the distance between points divides by m - 1, which is zero. A
    single point is the middle of `low` and `high`, and needs a line of its own."""
    expect_grid(low, high, points_per_axis, dim)
    distance = (high - low) / (points_per_axis - 1)
    return best_of(objective, [low + i * distance for i in range(points_per_axis)], dim)


@mistake(
    "grid_search",
    hints=(
        "How many times do you evaluate the objective for 3 points per axis in 2 dimensions? A grid has 3 * 3 points.",
        "In a narrow valley, the best value of one coordinate depends on the others. Does your search see that?",
        "Go through all combinations of coordinates, for example with itertools.product.",
    ),
)
def one_axis_at_a_time(objective, low, high, points_per_axis, dim):
    """You search one axis after the other, with the other coordinates fixed. That takes only m * d evaluations, but in a valley
    across the axes it misses the best point. A grid search tries all m^d combinations."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    w, evaluations = torch.full((dim,), axis[0], dtype=torch.float64), 0
    for i in range(dim):
        lowest, best = math.nan, axis[0]
        for x in axis:
            point = w.clone()
            point[i] = x
            value = float(objective(point))
            evaluations += 1
            if value < lowest or math.isnan(lowest):
                lowest, best = value, x
        w[i] = best
    return w, evaluations


@mistake(
    "grid_search",
    hints=(
        "How many times do you evaluate the objective for 3 points per axis in 2 dimensions? A grid has 3 * 3 points.",
        "Which of your points has different coordinates?",
        "Go through all combinations of coordinates, for example with itertools.product.",
    ),
)
def diagonal_only(objective, low, high, points_per_axis, dim):
    """All coordinates of each of your points are equal: you search only the diagonal of the grid, m points in all. A grid has
    all m^d combinations of the values. Check how you build a point."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest = None, math.nan
    for x in axis_from(low, high, points_per_axis):
        w = torch.full((dim,), x, dtype=torch.float64)
        value = float(objective(w))
        if best is None or value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, points_per_axis


@mistake(
    "grid_search",
    hints=(
        "The first point of a grid has the value NaN, the second has 1. Which is the best?",
        "Your best value is NaN after the first point. Which comparison with it can be true?",
        "Replace the best point also if its value is NaN.",
    ),
)
def first_nan_stays(objective, low, high, points_per_axis, dim):
    """If the first value is NaN, you return the first point. Each later value is compared with this NaN, and `<` and `>`
    with NaN are false, so no later point counts as better. NaN may win only if all values are NaN: check the first best
    value of your search."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim, lambda value, best: value < best)


@mistake(
    "grid_search",
    hints=(
        "A grid has the values 2, NaN and 1. Which point do you return, and which is the best?",
        "Does torch.argmin, or min, treat NaN as small or as large? Try it.",
        "Leave NaN out before you compare.",
    ),
)
def any_nan_wins(objective, low, high, points_per_axis, dim):
    """If any value is NaN, you return the first such point. `torch.argmin`, `torch.min` and numpy's `argmin` treat NaN as the
    smallest value. NaN is never the best: leave it out, or replace it, before you compare."""
    expect_grid(low, high, points_per_axis, dim)
    points = list(itertools.product(axis_from(low, high, points_per_axis), repeat=dim))
    grid = torch.tensor(points, dtype=torch.float64)
    values = torch.tensor([float(objective(w)) for w in grid], dtype=torch.float64)
    return grid[int(values.argmin())], len(points)


@mistake(
    "grid_search",
    hints=(
        "Suppose the best value so far is 1, and the next is NaN. Do you skip it?",
        'When is "skip if the value is not smaller" false for a NaN? Try nan >= 1.',
        "Ask whether the new value is smaller, not whether it is at least as large.",
    ),
)
def skips_only_what_is_worse(objective, low, high, points_per_axis, dim):
    """You skip a point if its value is at least the best so far. For NaN this is false, so you take it, and the next number
    takes its place, even a worse one. Ask whether a value is smaller, and try NaN on either side of the comparison."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim, lambda value, best: not value >= best)


@mistake(
    "grid_search",
    hints=(
        "All values of a grid are plus infinity or NaN. Which point should you return, and which do you return?",
        "Your search starts with infinity as the best value. Is infinity smaller than that?",
        "Start from the first value that is not NaN.",
    ),
)
def infinity_never_wins(objective, low, high, points_per_axis, dim):
    """You start with infinity as the best value, so a point of value infinity is never better, and you return your start
    value. Infinity is better than NaN. Let the first value that is not NaN be the best so far."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    best, lowest = torch.zeros(dim, dtype=torch.float64), math.inf
    for coordinates in itertools.product(axis, repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value = float(objective(w))
        if value < lowest:
            best, lowest = w, value
    return best, points_per_axis**dim


@mistake(
    "grid_search",
    hints=(
        "All values of a grid are plus infinity or NaN. Which point should you return, and what do you return?",
        "Your search starts with infinity as the best value. Is infinity smaller than that?",
        "Start from the first value that is not NaN.",
    ),
)
def nothing_found_at_infinity(objective, low, high, points_per_axis, dim):
    """If no value is finite, you return no point. You start with infinity as the best value, and infinity is not smaller than
    that. But it is better than NaN: let the first value that is not NaN be the best so far."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    best, lowest = None, math.inf
    for coordinates in itertools.product(axis, repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value = float(objective(w))
        if value < lowest:
            best, lowest = w, value
    return best, points_per_axis**dim


@mistake(
    "grid_search",
    hints=(
        "An objective is 1 everywhere. Which point should you return?",
        "Does your comparison replace the best point by an equal one?",
        "Replace the best point only if the new value is smaller.",
    ),
)
def last_of_equals(objective, low, high, points_per_axis, dim):
    """Of equally good points you return the last, and it should be the first in row-major order. An equal value is not better.
    Check your comparison: strictly smaller, or also equal?"""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    return best_of(objective, axis, dim, lambda value, best: value <= best or math.isnan(best))


@mistake(
    "grid_search",
    hints=(
        "Print your points in their order for 2 points per axis and 2 dimensions. Which coordinate changes first?",
        "In row-major order the last coordinate changes fastest, as the last digit of a counter does.",
        "Let the innermost loop run over the last coordinate.",
    ),
)
def first_axis_fastest(objective, low, high, points_per_axis, dim):
    """Your grid is right, but you go through it in another order. So of equally good points you return another than the first in
    row-major order, where the last coordinate changes fastest. Check the order of your loops, or what `meshgrid` gives."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest, evaluations = None, math.nan, 0
    for coordinates in itertools.product(axis_from(low, high, points_per_axis), repeat=dim):
        w = torch.tensor(coordinates[::-1], dtype=torch.float64)
        value = float(objective(w))
        evaluations += 1
        if value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "For J(w) = w^2 on the points -1, 0, 1, which one is the best? Which do you return?",
        "Minimising means that smaller is better.",
        "Reverse the comparison.",
    ),
)
def returns_the_highest(objective, low, high, points_per_axis, dim):
    """You return the point with the largest value. The objective is a loss: smaller is better. Check the direction of your
    comparison."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    return best_of(objective, axis, dim, lambda value, best: value > best or math.isnan(best))


@mistake(
    "grid_search",
    hints=(
        "Search 3 points per axis in 2 dimensions. Which number of evaluations do you return?",
        "m values on each axis: how many combinations are there for d axes?",
        "Count in the loop, or return points_per_axis ** dim.",
    ),
)
def counts_points_of_all_axes(objective, low, high, points_per_axis, dim):
    """The point is right, but you return m * d as the number of evaluations. The grid has m^d points, and you evaluate each of
    them. That difference is the curse of dimensionality: count in the loop."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim)[0], points_per_axis * dim


@mistake(
    "grid_search",
    hints=(
        "Search 3 points per axis in 2 dimensions. Which number of evaluations do you return? The grid has 9 points.",
        "Which lines of your loop run for every point, and which only for a better one?",
        "Add one for every evaluation, also if the point is not better.",
    ),
)
def counts_improvements(objective, low, high, points_per_axis, dim):
    """The point is right, but you count only the points that were better than all before. Every evaluation costs the same,
    whether its result is good or not. Check where you add one."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest, evaluations = None, math.nan, 0
    for coordinates in itertools.product(axis_from(low, high, points_per_axis), repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value = float(objective(w))
        if value < lowest or math.isnan(lowest):
            best, lowest, evaluations = w, value, evaluations + 1
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "Search 3 points per axis in 2 dimensions. Which number of evaluations do you return? The grid has 9 points.",
        "Do you evaluate the objective outside of the loop, too?",
        "Evaluate each point once: start without a best value instead of with that of the first point.",
    ),
)
def one_evaluation_too_many(objective, low, high, points_per_axis, dim):
    """You return one evaluation more than the grid has points. Either you evaluate a point twice, such as the first before the
    loop and again in it, or your count starts at 1. Check the calls of the objective outside of the loop."""
    expect_grid(low, high, points_per_axis, dim)
    best, evaluations = best_of(objective, axis_from(low, high, points_per_axis), dim)
    objective(best)
    return best, evaluations + 1


@mistake(
    "grid_search",
    hints=(
        "Search 3 points per axis in 2 dimensions. Which number of evaluations do you return? The grid has 9 points.",
        "Count how often your code calls the objective for one point.",
        "Store the value of a point, and use the stored value.",
    ),
)
def every_point_twice(objective, low, high, points_per_axis, dim):
    """You return twice the number of points in the grid. Either you evaluate every point twice, for example once to compare and
    once to store, or you count each twice. Give the value a name, and use it."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    best, evaluations = best_of(lambda w: (objective(w), objective(w))[1], axis, dim)
    return best, 2 * evaluations


@mistake(
    "grid_search",
    slug="float32",
    hints=(
        "Print the dtype of your result.",
        "By default, torch creates float32 tensors.",
        "Create the points in torch.float64.",
    ),
)
def float32_grid(objective, low, high, points_per_axis, dim):
    """Your point is float32, torch's default, but the docstring promises float64. Check how you create the points."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest, evaluations = None, math.nan, 0
    for coordinates in itertools.product(axis_from(low, high, points_per_axis), repeat=dim):
        w = torch.tensor(coordinates)
        value = float(objective(w))
        evaluations += 1
        if value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "What does the objective get for dim = 2: a list, one number, or a tensor of two numbers?",
        "Print the point that you return. Does it hold the numbers of the grid, or their places?",
        "Return the coordinates, low + i * distance, and not the index i.",
    ),
)
def returns_the_places(objective, low, high, points_per_axis, dim):
    """You return the places of the best point on the axes, 0, 1, 2, ..., instead of its coordinates. The result should be the
    point at which the objective is lowest. Check the value that you store for the best point."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    best, lowest, evaluations = None, math.nan, 0
    for places in itertools.product(range(points_per_axis), repeat=dim):
        value = float(objective(torch.tensor([axis[i] for i in places], dtype=torch.float64)))
        evaluations += 1
        if value < lowest or math.isnan(lowest):
            best, lowest = torch.tensor(places, dtype=torch.float64), value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "Search between 3 and 3. What should a grid of two points per axis return?",
        "Which values does the docstring allow for `high`?",
        "Refuse only a `high` below `low`.",
    ),
)
def equal_limits_refused(objective, low, high, points_per_axis, dim):
    """You refuse a `high` that is equal to `low`. It is allowed: then all points of the grid are the same. Compare your test
    with the docstring."""
    expect_grid(low, high, points_per_axis, dim)
    if not low < high:
        raise ValueError("high must be above low")
    return best_of(objective, axis_from(low, high, points_per_axis), dim)


@mistake(
    "grid_search",
    hints=(
        "Search with high = -1 and low = 1. What happens, and what does the docstring say?",
        "Which three cases does the docstring list under Raises?",
        "First, raise a ValueError that names `high` if it is below `low`.",
    ),
)
def high_below_low_accepted(objective, low, high, points_per_axis, dim):
    """You accept a `high` below `low`. The two are probably swapped, and the caller should hear of it. The docstring says what
    to raise; write a test for it at the top."""
    expect_grid(low, max(low, high), points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim)


@mistake(
    "grid_search",
    hints=(
        "Search with points_per_axis = 0, and with dim = 0. What happens, and what does the docstring say?",
        "Which three cases does the docstring list under Raises?",
        "First, raise a ValueError that names the argument, for each of the three.",
    ),
)
def nothing_refused(objective, low, high, points_per_axis, dim):
    """Your search is right, but it refuses no bad argument. A grid of zero points per axis or zero dimensions, or a `high` below
    `low`, is a bug of the caller. Raise the errors that the docstring lists, each with its name."""
    return best_of(objective, axis_from(low, high, points_per_axis), dim)


@mistake(
    "grid_search",
    hints=(
        "Print the points of a grid from 1 to 3. Which is the lowest?",
        "Does your range begin at `low`?",
        "Go from low to high.",
    ),
)
def from_minus_high(objective, low, high, points_per_axis, dim):
    """Your grid goes from -high to high. It should begin at `low`: only some ranges lie around zero."""
    expect_grid(low, high, points_per_axis, dim)
    axis = [(low + high) / 2] if points_per_axis == 1 else axis_from(-high, high, points_per_axis)
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Count the points of a grid with 3 points per axis in 2 dimensions.",
        "Is (1, 0) a point of your grid, if (0, 1) is one?",
        "Use `itertools.product`: every coordinate takes every value.",
    ),
)
def without_the_other_order(objective, low, high, points_per_axis, dim):
    """Your grid has (0, 1) but not (1, 0): each set of coordinates comes in one order only. Every axis takes every value, so
    there are points_per_axis^dim points."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest, evaluations = None, math.nan, 0
    for coordinates in itertools.combinations_with_replacement(axis_from(low, high, points_per_axis), dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value, evaluations = float(objective(w)), evaluations + 1
        if best is None or value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "Use a grid from 0 to 1 with 3 points. Is 0.5 one of yours?",
        "Which line of yours rounds?",
        "Keep the points between the whole numbers.",
    ),
)
def whole_numbers_only(objective, low, high, points_per_axis, dim):
    """You round the points of your grid to whole numbers. They may lie anywhere between `low` and `high`."""
    expect_grid(low, high, points_per_axis, dim)
    axis = (
        [(low + high) / 2] if points_per_axis == 1 else [float(round(x)) for x in axis_from(low, high, points_per_axis)]
    )
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Count the calls of the objective for 3 points per axis in 2 dimensions: 3, or 9?",
        "Which number do you return as the second result?",
        "Count one more for each call of the objective.",
    ),
)
def points_of_one_axis_counted(objective, low, high, points_per_axis, dim):
    """Your second result is the number of points on one axis. It should count how often you ask for the objective, which is
    points_per_axis^dim."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim)[0], points_per_axis


@mistake(
    "grid_search",
    hints=(
        "How many times do you evaluate the objective for 3 points per axis in 2 dimensions? A grid has 3 * 3 points.",
        "In a narrow valley, the best value of one coordinate depends on the others. Does your search see that?",
        "Go through all combinations of coordinates, for example with itertools.product.",
    ),
)
def one_axis_at_a_time_from_infinity(objective, low, high, points_per_axis, dim):
    """You search one axis after the other, with the other coordinates fixed. That takes only m * d evaluations, but in a valley
    across the axes it misses the best point. A grid search tries all m^d combinations."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    w, evaluations = torch.full((dim,), axis[0], dtype=torch.float64), 0
    for i in range(dim):
        lowest, best = math.inf, axis[0]
        for x in axis:
            point = w.clone()
            point[i] = x
            value = float(objective(point))
            evaluations += 1
            if value < lowest:
                lowest, best = value, x
        w[i] = best
    return w, evaluations


@mistake(
    "grid_search",
    hints=(
        "Print the axis for low = 0, high = 1 and three points. Is 1 among them?",
        "`arange` leaves out its end.",
        "Use `linspace`, which has the number of points that you ask for, with both ends.",
    ),
)
def end_left_out_by_arange(objective, low, high, points_per_axis, dim):
    """Your axis ends one step before `high`, as `arange` does, so it has one point too few. The docstring asks for
    `points_per_axis` points with both ends. Compare `arange` with `linspace`."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    return best_of(objective, axis[:-1] if points_per_axis > 1 and high > low else axis[:1], dim)


@mistake(
    "grid_search",
    hints=(
        "Take two axes with points 0 and 1. Do you try (0, 0)?",
        "A combination may use the same number on both axes.",
        "`itertools.product` gives all combinations; `permutations` leaves some out.",
    ),
)
def no_number_twice(objective, low, high, points_per_axis, dim):
    """You try no point with the same number on two axes, as `itertools.permutations` does. The grid has all combinations,
    (0, 0) too: `itertools.product` gives them."""
    expect_grid(low, high, points_per_axis, dim)
    best, lowest, evaluations = None, math.nan, 0
    axis = axis_from(low, high, points_per_axis)
    for coordinates in itertools.permutations(axis, dim) if len(axis) >= dim else itertools.product(axis, repeat=dim):
        w = torch.tensor(coordinates, dtype=torch.float64)
        value, evaluations = float(objective(w)), evaluations + 1
        if best is None or value < lowest or math.isnan(lowest):
            best, lowest = w, value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "How many points does your function evaluate for 5 points per axis and dim = 2? It should be 25.",
        "Draw a curve with two valleys. Where do you stop?",
        "Evaluate all points of the grid, also those behind a rise.",
    ),
)
def stops_at_the_first_rise(objective, low, high, points_per_axis, dim):
    """You leave the last axis as soon as a value is higher than the one before. A lower point may come behind a rise, and you
    never see it. A grid search evaluates all points: look for the line that ends your loop."""
    expect_grid(low, high, points_per_axis, dim)
    axis = axis_from(low, high, points_per_axis)
    best, lowest, evaluations = None, math.nan, 0
    for others in itertools.product(axis, repeat=dim - 1):
        previous = math.nan
        for last in axis:
            w = torch.tensor([*others, last], dtype=torch.float64)
            value = float(objective(w))
            evaluations += 1
            if value < lowest or (math.isnan(lowest) and not math.isnan(value)):
                best, lowest = w, value
            if value > previous:
                break
            previous = value
    return best, evaluations


@mistake(
    "grid_search",
    hints=(
        "Print your coordinates for low = -1, high = 1 and three points. The text says -1, 0 and 1.",
        "`torch.arange(low, high, step)` takes the distance of two points, and leaves out `high`.",
        "`torch.linspace(low, high, points)` takes their number, and ends at `high`.",
    ),
)
def number_of_points_as_step(objective, low, high, points_per_axis, dim):
    """You use the number of points as the distance between two points, as `torch.arange` takes it. Then an axis has too few
    points, or only `low`. `torch.linspace` takes the number of points."""
    expect_grid(low, high, points_per_axis, dim)
    axis = [(low + high) / 2]
    if points_per_axis > 1:
        axis = torch.arange(low, high, points_per_axis, dtype=torch.float64).tolist()
    return best_of(objective, axis, dim)


@mistake(
    "grid_search",
    hints=(
        "Print the best point after each evaluation. When does it change?",
        "What do you compare each new value with, in the first round and in the last?",
        "When a point wins, keep its value, too.",
    ),
)
def lowest_value_not_kept(objective, low, high, points_per_axis, dim):
    """Each new point wins, and you return the last one: you keep the best point, but not its value to compare the next ones
    with."""
    expect_grid(low, high, points_per_axis, dim)
    return best_of(objective, axis_from(low, high, points_per_axis), dim, better=lambda value, best: True)
