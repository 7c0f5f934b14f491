"""Mistakes in finite_difference_gradient."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_not_negative


def _shifted(w, i, eps):
    moved = w.clone()
    moved[i] += eps
    return moved


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = w^2 at w = 1 with eps = 1, what does your formula give? The slope is 2.",
        "Look at the picture in your mind: where is the midpoint between your two points?",
        "Put one point on each side of w, and divide by the distance between them.",
    ),
)
def forward_difference(objective, w, eps=1e-4):
    """You take forward differences: one of the two points is w itself. Their error is of the order eps, that of central
    differences eps^2, because the errors of both sides cancel. Look at where the two points lie."""
    _expect_not_negative(eps=eps)
    J = objective(w)
    return torch.stack([(objective(_shifted(w, i, eps)) - J) / eps for i in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = 3 w, what does your function give? The slope is 3.",
        "How far are your two points apart?",
        "Divide by the distance between the two points, which is twice eps.",
    ),
)
def forgot_to_halve(objective, w, eps=1e-4):
    """All of your slopes are twice too large: the two points are 2 eps apart, and you divide by eps. Look at the
    denominator."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="wrong_sign",
    hints=(
        "On J(w) = 3 w, which sign has the slope? Which has yours?",
        "A positive slope means that J is higher on the side where w is larger.",
        "Subtract the value on the lower side from that on the upper side.",
    ),
)
def wrong_sign_of_differences(objective, w, eps=1e-4):
    """Your slopes have the wrong sign: the two values are subtracted the wrong way round. Descent with such a gradient
    climbs. Look at the order in the numerator."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(down - up) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "With eps = 1 in the formula, at which two points is the objective evaluated? At which does yours?",
        "eps is the distance from w to each point, not the distance between the points.",
        "Move by the whole eps to either side, and divide by twice of it.",
    ),
)
def half_steps(objective, w, eps=1e-4):
    """Your differences are central, but your points are only eps / 2 away from w. In the docstring's formula eps is the
    distance to either side. Compare the points that you evaluate with the formula."""
    _expect_not_negative(eps=eps)
    values = [(objective(_shifted(w, i, eps / 2)), objective(_shifted(w, i, -eps / 2))) for i in range(len(w))]
    return torch.stack([(up - down) / eps for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Call your function with eps = 1 and with eps = 0.1 on w^3. Should the results differ?",
        "Where does the argument eps enter?",
        "Use the argument, and no number of your own, for the distance.",
    ),
)
def fixed_eps(objective, w, eps=1e-4):
    """Your function uses a distance of its own, whatever eps is. The right one depends on the dtype and on the size of
    the weights, so the caller chooses it. Look at where eps enters."""
    _expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, 1e-4)


def finite_difference_gradient_with(objective, w, eps):
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([(up - down) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    hints=(
        "On J(w) = w_1 + 10 w_2, the slopes are 1 and 10. What are yours?",
        "`w + eps` moves every coordinate at once.",
        "For entry i, add eps to coordinate i only, and leave the others.",
    ),
)
def moves_all_coordinates(objective, w, eps=1e-4):
    """You move all coordinates at once, so that every entry is the sum of all slopes. In one dimension it makes no
    difference. For entry i only coordinate i should move."""
    _expect_not_negative(eps=eps)
    return torch.stack([(objective(w + eps) - objective(w - eps)) / (2 * eps) for _ in range(len(w))])


@mistake(
    "finite_difference_gradient",
    hints=(
        "Print the points at which you evaluate for w = [1, 2] and eps = 0.5. In how many coordinates does each differ from w?",
        "After the first coordinate, where is your moving point?",
        "Put each coordinate back before you go on to the next.",
    ),
)
def not_put_back(objective, w, eps=1e-4):
    """The first of your slopes is right, the later ones are not: coordinates that were moved are not put back, so the
    later slopes are taken beside w. Look at what your moving point holds when the next coordinate begins."""
    _expect_not_negative(eps=eps)
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
        "Compare w before and after, bit for bit. Try w = 0.1 and eps = 0.3 in float32.",
        "Adding eps and subtracting it again rounds twice.",
        "Move a copy, or keep the old value and put that back.",
    ),
)
def leaves_rounding_in_w(objective, w, eps=1e-4):
    """You move w itself, forth and back, and rounding stays behind: w is not quite what it was. After many calls it has
    wandered. Work on a copy, or put back exactly what was there."""
    _expect_not_negative(eps=eps)
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
        "In three dimensions, how often do you call the objective?",
        "Which of the values that you compute do not enter the result?",
        "Two evaluations per coordinate are enough: leave out the one at w.",
    ),
)
def one_evaluation_too_many(objective, w, eps=1e-4):
    """The slopes are right, but you evaluate the objective more than 2 d times. The value at w, for one, is not needed
    for central differences. Evaluations are what this method costs: look at which you can do without."""
    _expect_not_negative(eps=eps)
    J = objective(w)
    values = [(objective(_shifted(w, i, eps)), objective(_shifted(w, i, -eps))) for i in range(len(w))]
    return torch.stack([((up - J) + (J - down)) / (2 * eps) for up, down in values])


@mistake(
    "finite_difference_gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "torch makes float32 tensors unless it is told otherwise.",
        "Give the tensor of slopes the dtype of w.",
    ),
)
def float32_slopes(objective, w, eps=1e-4):
    """Your slopes come back in float32, whatever the dtype of w, and half of their digits are lost. Look at how you
    make the tensor that holds them."""
    _expect_not_negative(eps=eps)
    return finite_difference_gradient_with(objective, w, eps).float()


@mistake(
    "finite_difference_gradient",
    hints=(
        "What would a negative distance mean?",
        "The docstring has a paragraph that begins with Raises.",
        "Before anything else, raise a ValueError whose message names eps if it is negative.",
    ),
)
def accepts_negative_eps(objective, w, eps=1e-4):
    """The slopes are right, but a negative eps is accepted. It is a distance, so a negative one is most likely a
    mix-up. Look at the docstring's Raises."""
    return finite_difference_gradient_with(objective, w, eps)
