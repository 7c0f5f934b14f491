"""Mistakes in finite_difference_gradient."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_not_negative


def _shifted(w, i, eps):
    moved = w.clone()
    moved[i] += eps
    return moved


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your formula give for J(w) = w^2 at w = 1 with eps = 1? The slope is 2.",
        "Where is the midpoint of your two points?",
        "Put one point on each side of w, and divide by the distance between them.",
    ),
)
def forward_difference(objective, w, eps=1e-4):
    """You use forward differences: one of your two points is w itself. Their error is of order eps; the error of
    central differences is of order eps^2, because the errors of both sides cancel. Look at the positions of your two
    points."""
    expect_not_negative(eps=eps)
    J = objective(w)
    return torch.stack([(objective(_shifted(w, i, eps)) - J) / eps for i in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 3 w? The slope is 3.",
        "How far apart are your two points?",
        "Divide by the distance between the two points, which is 2 * eps.",
    ),
)
def forgot_to_halve(objective, w, eps=1e-4):
    """All your slopes are twice too large: the two points are 2 eps apart, but you divide by eps. Look at the
    denominator."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="wrong_sign",
    hints=(
        "Which sign does the slope of J(w) = 3 w have? Which sign do you get?",
        "A positive slope means that J is higher on the side where w is larger.",
        "Subtract the value on the lower side from the value on the upper side.",
    ),
)
def wrong_sign_of_differences(objective, w, eps=1e-4):
    """Your slopes have the wrong sign: you subtract the two values in the wrong order. With this gradient, descent
    climbs. Look at the order in the numerator."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(down - up) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "At which two points does the formula evaluate the objective for eps = 1? At which does your function?",
        "eps is the distance from w to each point, not the distance between the points.",
        "Move by the whole eps to either side, and divide by 2 * eps.",
    ),
)
def half_steps(objective, w, eps=1e-4):
    """Your differences are central, but your points are only eps / 2 away from w. In the docstring's formula, eps is
    the distance to either side. Compare your points with the formula."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps / 2)), objective(_shifted(w, i, -eps / 2))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Call your function on w^3 with eps = 1 and with eps = 0.1. Should the results differ?",
        "Where do you use the argument eps?",
        "Use the argument as the distance, not a fixed number.",
    ),
)
def fixed_eps(objective, w, eps=1e-4):
    """Your function uses a fixed distance instead of eps. The best distance depends on the dtype and on the size of the
    weights, so the caller chooses it. Look at where you use eps."""
    expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, 1e-4)


def finite_difference_gradient_with(objective, w, eps):
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "For J(w) = w_1 + 10 w_2, the slopes are 1 and 10. What do you get?",
        "`w + eps` moves every coordinate at once.",
        "For entry i, add eps to coordinate i only, and leave the others unchanged.",
    ),
)
def moves_all_coordinates(objective, w, eps=1e-4):
    """Every entry of your result is the sum of all slopes, as if you move all coordinates at once. In one dimension this
    makes no difference. For entry i, move only coordinate i: look at how you build the two points."""
    expect_not_negative(eps=eps)
    return torch.stack([(objective(w + eps) - objective(w - eps)) / (2 * eps) for _ in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Print the evaluated points for w = [1, 2] and eps = 0.5. In how many coordinates does each differ from w?",
        "After the first coordinate, where is your moving point?",
        "Move each coordinate back before you go on to the next.",
    ),
)
def not_put_back(objective, w, eps=1e-4):
    """Your first slope is right, the later slopes are not: you do not move coordinates back, so you evaluate the later
    slopes beside w. Look at your moving point when the next coordinate starts."""
    expect_not_negative(eps=eps)
    moving, slopes = w.clone(), torch.zeros_like(w)
    for i in range(len(w)):
        moving[i] += eps
        up = objective(moving)
        moving[i] -= 2 * eps
        slopes[i] = (up - objective(moving)) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "Compare w before and after the call, bit by bit. Try w = 0.1 and eps = 0.3 in float32.",
        "If you add eps and subtract it again, you round twice.",
        "Move a copy, or store the old value and write it back.",
    ),
)
def leaves_rounding_in_w(objective, w, eps=1e-4):
    """You change w and change it back, and rounding errors remain. After many calls, w has moved. Work on a copy, or
    store the old value and restore it."""
    expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w)
    for i in range(len(w)):
        w[i] += eps
        up = objective(w)
        w[i] -= 2 * eps
        down = objective(w)
        w[i] += eps
        slopes[i] = (up - down) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "How many times do you call the objective in three dimensions?",
        "Which of the values do you not use in the result?",
        "Two evaluations per coordinate are enough: leave out the evaluation at w.",
    ),
)
def one_evaluation_too_many(objective, w, eps=1e-4):
    """The slopes are right, but you evaluate the objective more than 2 d times. Central differences do not need, for
    example, the value at w. Evaluations are the cost of this method: look for those that you can leave out."""
    expect_not_negative(eps=eps)
    J = objective(w)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([((up - J) + (J - down)) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "By default, torch creates float32 tensors.",
        "Create the tensor of slopes with the dtype of w.",
    ),
)
def float32_slopes(objective, w, eps=1e-4):
    """Your slopes are float32 for any dtype of w, so float64 weights lose half of their digits. Look at how you create
    the tensor of slopes."""
    expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, eps).float()


@mistake(
    "finite_difference_gradient",
    hints=(
        "What would a negative distance mean?",
        "The docstring has a paragraph that starts with Raises.",
        "First, raise a ValueError whose message names eps if it is negative.",
    ),
)
def accepts_negative_eps(objective, w, eps=1e-4):
    """The slopes are right, but you accept a negative eps. eps is a distance, so a negative value is almost certainly a
    bug. Look at Raises in the docstring."""
    return finite_difference_gradient_with(objective, w, eps)


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your formula give for J(w) = w^2 at w = 1 with eps = 1? The slope is 2.",
        "Where is the midpoint of your two points?",
        "Put one point on each side of w, and divide by the distance between them.",
    ),
)
def backward_difference(objective, w, eps=1e-4):
    """You use backward differences: one of your two points is w itself. Their error is of order eps; the error of
    central differences is of order eps^2, because the errors of both sides cancel. Look at the positions of your two
    points."""
    expect_not_negative(eps=eps)
    J = objective(w)
    return torch.stack([(J - objective(_shifted(w, i, -eps))) / eps for i in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 3 w? The slope is 3.",
        "Which operation does Python do first in `a / 2 * eps`?",
        "Put the denominator in brackets.",
    ),
)
def brackets_forgotten(objective, w, eps=1e-4):
    """You divide by 2 and then multiply by eps: that is what `/ 2 * eps` means without brackets. The formula divides by both.
    Look at the denominator."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / 2 * eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 3 w? The slope is 3.",
        "How far apart are your two points?",
        "Divide by the distance between them, which is 2 * eps.",
    ),
)
def eps_missing_below(objective, w, eps=1e-4):
    """You divide the difference by 2 only: eps is missing in the denominator. The points are 2 eps apart. Look at the
    denominator."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / 2 for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 5, which is flat?",
        "A slope is a difference of heights over a distance.",
        "Subtract the value on the lower side.",
    ),
)
def values_added(objective, w, eps=1e-4):
    """You add the two values instead of subtracting them, so a flat objective has a slope. A slope is a difference. Look at the
    numerator."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up + down) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 3 w? The slope is 3.",
        "Your formula also uses the value at w, with weight -2. What does it measure?",
        "Take the difference of two values, over 2 * eps.",
    ),
)
def second_differences(objective, w, eps=1e-4):
    """You compute second differences, J(w + eps) - 2 J(w) + J(w - eps) over eps^2. They measure the curvature, and are zero on a
    straight slope. The slope is a difference of two values over 2 eps."""
    expect_not_negative(eps=eps)
    J = objective(w)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - 2 * J + down) / eps**2 for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "For J(w) = w_1 + 10 w_2, the slopes are 1 and 10. What do you get?",
        "When does your loop end?",
        "Go through all coordinates: do not return inside the loop.",
    ),
)
def first_slope_only(objective, w, eps=1e-4):
    """Only your first slope is computed, and the others are zero. Every coordinate needs its own two evaluations. Check
    where your loop ends."""
    expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w)
    slopes[0] = (objective(_shifted(w, 0, eps)) - objective(_shifted(w, 0, -eps))) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "Print the points at which you evaluate the objective for w = (10, 0) and eps = 0.1.",
        "Which steps do you take along a large coordinate, and along a small one?",
        "Move each coordinate by eps itself, and divide by 2 eps.",
    ),
)
def eps_grows_with_w(objective, w, eps=1e-4):
    """Your step grows with the size of the coordinate: you multiply eps by it if it is above 1. Such a rule is useful, but the
    exercise asks for a step of exactly eps along each coordinate. Look at how far you move."""
    expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w)
    for i in range(len(w)):
        h = eps * max(1.0, abs(float(w[i])))
        slopes[i] = (objective(_shifted(w, i, h)) - objective(_shifted(w, i, -h))) / (2 * h)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "Compute the slope of J(w) = 3 w by hand. Is it 1?",
        "Which line of yours divides by a length?",
        "Return the slopes as they are.",
    ),
)
def slopes_of_length_one(objective, w, eps=1e-4):
    """You divide the slopes by their length. The gradient also tells how steep it is: return the differences as they are."""
    expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w, requires_grad=False)
    with torch.no_grad():
        for i in range(len(w)):
            slopes[i] = (objective(_shifted(w, i, eps)) - objective(_shifted(w, i, -eps))) / (2 * eps)
    return slopes / slopes.norm()


@mistake(
    "finite_difference_gradient",
    hints=(
        "Take w = 1 and eps = 0.1. At which two points do you evaluate?",
        "A rule of thumb makes the distance grow with the coordinate. Does the formula?",
        "Move by eps to either side, for each coordinate.",
    ),
)
def step_grows_with_one_plus_the_coordinate(objective, w, eps=1e-4):
    """Your step grows with the size of the coordinate: you multiply eps by 1 + |w_i|. Such a rule is useful, but the exercise
    asks for a step of exactly eps along each coordinate. Look at how far you move."""
    expect_not_negative(eps=eps)
    slopes = torch.zeros_like(w)
    with torch.no_grad():
        for i in range(len(w)):
            offset = torch.zeros_like(w)
            offset[i] = eps * (1 + abs(float(w[i])))
            slopes[i] = (objective(w + offset) - objective(w - offset)) / (2 * offset[i])
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "Print your two points for each coordinate. In how many entries do they differ from `w`?",
        "Where do the two points of the second coordinate begin?",
        "Begin each coordinate with two fresh copies of `w`.",
    ),
)
def shifts_that_stay(objective, w, eps=1e-4):
    """Your first slope is right, and each further entry is as large as all slopes up to there together. Do the shifts of earlier
    coordinates stay in your two points, or do you add up slopes? Both points of entry i differ from w in that entry alone."""
    expect_not_negative(eps=eps)
    plus, minus, slopes = w.detach().clone(), w.detach().clone(), torch.zeros_like(w)
    for i in range(len(w)):
        plus[i] += eps
        minus[i] -= eps
        slopes[i] = (objective(plus) - objective(minus)) / (2 * eps)
    return slopes


@mistake(
    "finite_difference_gradient",
    hints=(
        "What does your function give for J(w) = 3 w and eps = 0.1? The slope is 3.",
        "Which derivative has eps^2 below the line of its fraction?",
        "Divide by the distance between the two points, which is 2 * eps.",
    ),
)
def divided_by_eps_squared(objective, w, eps=1e-4):
    """You divide the difference of the two values by eps^2, which belongs to second derivatives. So your slopes depend on
    eps: they are 2 / eps times too large. Divide by the distance between the two points."""
    expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / eps**2 for up, down in values])
