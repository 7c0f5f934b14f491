"""Mistakes in gradient_descent."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import finite_difference_gradient, gradient, gradient_descent_step

from .shared import expect_not_negative


def _descend(objective, w, lr):
    return w - lr * gradient(objective, w)


@mistake(
    "gradient_descent",
    slug="ascent",
    hints=(
        "Print the objective along your trajectory. Does it fall?",
        "The gradient points to where the objective grows.",
        "Subtract lr times the gradient, or let gradient_descent_step do it.",
    ),
)
def ascent_all_the_way(objective, w0, lr, num_steps):
    """Your trajectory climbs: you add the gradient. The gradient points to where the objective grows, so descent
    subtracts it. Look at the sign of your step."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], -lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print the first and the last row of your trajectory after three steps.",
        "A list holds the same tensor many times, and the tensor changes in place. What does each entry show?",
        "Store a copy of the weights in each step.",
    ),
)
def one_tensor_for_all_rows(objective, w0, lr, num_steps):
    """All rows of your trajectory are equal to the last point, as if you store the same tensor each time, and every step
    changes it in place. Check the values that you store."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    rows = [w]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print w0 before and after the descent.",
        "A step works in place. Which tensor does yours change?",
        "Start from a copy of w0, and store another copy as row 0.",
    ),
)
def overwrites_w0(objective, w0, lr, num_steps):
    """Your descent changes the caller's w0, and row 0 of the trajectory with it, because they share memory. Leave the
    start unchanged. Look at which tensor your steps change."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach()
    rows = [w]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print `w0.requires_grad` before and after the descent.",
        "Which tensor does autograd follow: the caller's, or your own?",
        "Make a detached copy of w0, and let autograd follow the copy.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, num_steps):
    """Your trajectory is right, but afterwards the caller's w0 requires grad, although it did not before. Later
    operations with w0 then build a graph. Leave `w0.requires_grad` unchanged too: look at the tensor on which you set
    it."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (slope,) = torch.autograd.grad(objective(w), w)
        w = (w - lr * slope).detach().requires_grad_()
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print `w0.grad` after the descent, for a w0 that requires grad.",
        "`backward` writes gradients to the `.grad` of its leaves. Which tensor is the leaf in your first step?",
        "Make a detached copy of w0 first, or use your function `gradient`, which leaves w unchanged.",
    ),
)
def start_keeps_a_gradient(objective, w0, lr, num_steps):
    """Your trajectory is right, but your first step calls backward on the caller's w0 and leaves a gradient in
    `w0.grad`. A later backward call would add to it. Look at the tensor at which your first step differentiates."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        w.grad = None
        objective(w).backward()
        w = (w - lr * w.grad).detach().requires_grad_()
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many points does a path of one step have?",
        "Row 0 is the point before the first step.",
        "Store w0 before the loop starts.",
    ),
)
def start_is_missing(objective, w0, lr, num_steps):
    """Your trajectory has num_steps rows, one too few: the start is missing. Row 0 is w0, and row t holds the weights
    after t steps. Look at when you store the first row."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows, w = [], w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
        rows.append(w)
    return torch.stack(rows) if rows else w.new_empty(0, len(w))


@mistake(
    "gradient_descent",
    hints=(
        "How many points does a path of one step have?",
        "How many times does your loop run for num_steps = 1?",
        "Make exactly num_steps steps; the start is one more row.",
    ),
)
def one_step_too_many(objective, w0, lr, num_steps):
    """Your trajectory has num_steps + 2 rows: you make one step too many. The start is a row, but not a step. Look at
    how many times your loop runs."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps + 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many points does a path of one step have?",
        "How many times does your loop run for num_steps = 1?",
        "Make num_steps steps; the start is one more row.",
    ),
)
def one_step_too_few(objective, w0, lr, num_steps):
    """Your trajectory starts with w0, but has num_steps rows, one too few: the weights after the last step are missing.
    Row t holds the weights after t steps, for t from 0 to num_steps. Look at how many times your loop runs, and when it
    stores a row."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps - 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Is the second step of your trajectory as long as the first? Should it be?",
        "The slope changes as you move.",
        "Compute the gradient in each step, at the current weights.",
    ),
)
def gradient_of_the_start(objective, w0, lr, num_steps):
    """Each of your steps uses the gradient at w0, so you go straight on, past the minimum. The slope changes as you
    move. Look at the point where you compute the gradient, and when."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows, slopes = [w0.detach().clone()], gradient(objective, w0)
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * slopes)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="accumulates_in_grad",
    hints=(
        "The first step is right, the second is too long. What is in .grad then?",
        "`.backward()` adds to `.grad`. Which line sets it to zero between steps?",
        "Clear .grad before each backward pass, or use your function gradient.",
    ),
)
def accumulates_in_grad_on_the_way(objective, w0, lr, num_steps):
    """From the second step on, you step along the sum of all gradients so far, as when `.backward()` adds to a `.grad` that
    you do not set back to zero. Look at what is left of a gradient when the next step begins."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone().requires_grad_()
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        objective(w).backward()
        with torch.no_grad():
            w -= lr * w.grad
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "What is the shape of your result after three steps in two dimensions?",
        "The pictures need the whole path, not only its end.",
        "Collect a copy of the weights before the loop and after every step, and stack them.",
    ),
)
def end_only(objective, w0, lr, num_steps):
    """You return only the last weights. The function must return the whole trajectory: one row for the start and one
    for each step. Look at where you store the earlier points."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
    return w


@mistake(
    "gradient_descent",
    hints=(
        "Divide the second step of your trajectory by lr times the gradient there. Which factor do you get?",
        "lr is a constant in this exercise.",
        "Use the same lr in every step.",
    ),
)
def shrinking_lr(objective, w0, lr, num_steps):
    """Your learning rate shrinks: step t uses lr / t. Learning-rate schedules belong to a later section; here every
    step uses the same lr. Look at the factor of the gradient."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for t in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr / (t + 1)))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="float32",
    hints=(
        "Print the dtype of the trajectory for a float64 start.",
        "By default, torch creates float32 tensors.",
        "Create the tensor of rows with the dtype of w0.",
    ),
)
def float32_rows(objective, w0, lr, num_steps):
    """Your trajectory is float32 for any dtype of w0, so a float64 start loses half of its digits. Look at how you
    create the tensor of rows."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w, rows = w0.detach(), torch.zeros(num_steps + 1, len(w0))
    rows[0] = w
    for t in range(num_steps):
        w = _descend(objective, w, lr)
        rows[t + 1] = w
    return rows


@mistake(
    "gradient_descent",
    slug="refuses_too_late",
    hints=(
        "Descend with a negative lr and zero steps. What happens, and what does the docstring say?",
        "Check the arguments at the start, not when you first use them.",
        "Before the loop, raise a ValueError that names the argument, for lr and for num_steps.",
    ),
)
def refuses_too_late_to_descend(objective, w0, lr, num_steps):
    """Your trajectories are right, but only the steps check the arguments. With zero steps, you accept a negative lr,
    and a negative num_steps acts like zero. Look at Raises in the docstring."""
    w = w0.detach().clone()
    rows = [w.clone()]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How long are your steps near a minimum, and far from it?",
        "A step of gradient descent is longer where the slope is steeper.",
        "Remove the division by the norm.",
    ),
)
def steps_of_one_length(objective, w0, lr, num_steps):
    """All your steps have the length lr: you divide the gradient by its norm. Then descent jumps around a minimum and never comes
    to rest. Look for the division."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        slopes = gradient(objective, rows[-1])
        rows.append(rows[-1] - lr * slopes / slopes.norm().clamp(min=1e-12))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "What is the shape of your result after three steps in two dimensions?",
        "A row of the trajectory is a point, not its height.",
        "Collect copies of the weights, not values of the objective.",
    ),
)
def heights_in_place_of_points(objective, w0, lr, num_steps):
    """You return the values of the objective along the path. The trajectory holds the weights: one row for the start and one for
    each step. Check the values that you store."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    w, heights = w0.detach().clone(), [objective(w0.detach())]
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
        heights.append(objective(w))
    return torch.stack(heights)


@mistake(
    "gradient_descent",
    hints=(
        "How many digits of your second row are right, for a float32 start?",
        "Differences of the objective are only an estimate of the slope.",
        "Use your function gradient.",
    ),
)
def slopes_by_differences(objective, w0, lr, num_steps):
    """Your path is only approximately right, as if you measure the slopes by finite differences. Their rounding errors are
    large in float32. Use `gradient`, which is exact."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * finite_difference_gradient(objective, rows[-1]))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Compute two steps by hand for J(w) = w^2. Does your second step use the first?",
        "Does the formula of gradient descent remember earlier gradients?",
        "Subtract lr times the gradient at the current point, and nothing else.",
    ),
)
def keeps_nine_tenths_of_the_step(objective, w0, lr, num_steps):
    """Each of your steps adds 0.9 times the step before: that is momentum, which comes in section 4. Plain gradient descent
    forgets its earlier steps."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    velocity = torch.zeros_like(rows[0])
    for _ in range(num_steps):
        velocity = 0.9 * velocity + gradient(objective, rows[-1])
        rows.append(rows[-1] - lr * velocity)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Use a large lr on J(w) = w^2, so that a step must climb. What does yours do?",
        "Does the text let a step depend on the value of the objective?",
        "Make every step, also one that goes uphill: then one sees that lr is too large.",
    ),
)
def refuses_to_climb(objective, w0, lr, num_steps):
    """You stay where you are if a step would raise the objective. Gradient descent makes each step: with a large lr it
    climbs, and that is what one should see."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        new = _descend(objective, rows[-1], lr)
        rows.append(new if objective(new) <= objective(rows[-1]) else rows[-1].clone())
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Use a large lr on J(w) = w^2. Is your second step as long as lr times the gradient?",
        "Does the text let lr depend on the value of the objective?",
        "Use the same lr in every step.",
    ),
)
def halves_lr_when_it_climbs(objective, w0, lr, num_steps):
    """You halve lr after a step that raises the objective. The docstring asks for one lr in all steps."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr))
        lr = lr / 2 if objective(rows[-1]) > objective(rows[-2]) else lr
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Add up the rows of your result. Is the sum the last point?",
        "Row k should be the point after k steps. What is yours?",
        "Store a copy of the weights after each step.",
    ),
)
def steps_in_place_of_points(objective, w0, lr, num_steps):
    """Your first row is w0, and each further row is a step, not a point. Store where you are after each step."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr))
    path = torch.stack(rows)
    return torch.cat([path[:1], path.diff(dim=0)])


@mistake(
    "gradient_descent",
    hints=(
        "Compute two steps by hand. Is row 2 the point after two steps, or a mean of three points?",
        "Which values go into your last row?",
        "Store the weights themselves after each step.",
    ),
)
def means_of_the_points(objective, w0, lr, num_steps):
    """Each of your rows is the mean of all points so far. Row k should be the point after k steps."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack([torch.stack(rows[: k + 1]).mean(dim=0) for k in range(len(rows))])


@mistake(
    "gradient_descent",
    hints=(
        "Compute one step by hand in two dimensions. Which coordinates move?",
        "How many coordinates does the gradient have, and how many of yours move in a step?",
        "Subtract lr times the whole gradient in each step.",
    ),
)
def one_coordinate_per_step(objective, w0, lr, num_steps):
    """In each step you move a single coordinate, one after the other. Gradient descent moves all coordinates at once."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for k in range(num_steps):
        new, i = rows[-1].clone(), k % len(w0)
        new[i] -= lr * gradient(objective, new)[i]
        rows.append(new)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Compute one step by hand for J(w) = w_1 w_2. Does the second coordinate see the old or the new first one?",
        "How often do you compute the gradient in one step?",
        "Compute the gradient once per step, and move all coordinates along it.",
    ),
)
def coordinates_one_after_the_other(objective, w0, lr, num_steps):
    """In each step you move one coordinate after the other, each along a new gradient. Gradient descent computes the gradient
    once per step, and moves all coordinates together."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        new = rows[-1].clone()
        for i in range(len(w0)):
            new[i] -= lr * gradient(objective, new)[i]
        rows.append(new)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many gradients does your loop use for each row?",
        "Row t is the point after t steps.",
        "Take one step between two rows.",
    ),
)
def two_steps_per_row(objective, w0, lr, num_steps):
    """You take two steps between one row and the next, so row t holds the point after 2 * t steps. Check how many steps the
    body of your loop takes."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, _descend(objective, rows[-1], lr), lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Choose a learning rate that is too large. Does the objective grow in your run?",
        "A line search chooses the length of each step. Does the formula have one?",
        "Use the given lr in each step, whether it climbs or not.",
    ),
)
def searches_along_the_line(objective, w0, lr, num_steps):
    """You shorten a step until it no longer climbs. That is a line search; gradient descent takes each step with the given
    lr, and diverges if it is too large. Look for a loop around your step."""
    expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rate = lr
        while rate > 1e-12 and objective(_descend(objective, rows[-1], rate)) > objective(rows[-1]):
            rate /= 2
        rows.append(_descend(objective, rows[-1], rate))
    return torch.stack(rows)
