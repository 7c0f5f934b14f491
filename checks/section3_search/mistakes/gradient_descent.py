"""Mistakes in gradient_descent."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import gradient, gradient_descent_step

from .shared import _expect_not_negative


def _descend(objective, w, lr):
    return w - lr * gradient(objective, w)


@mistake(
    "gradient_descent",
    slug="ascent",
    hints=(
        "Look at the values of the objective along your trajectory. Do they fall?",
        "The gradient points to where the objective grows.",
        "Subtract lr times the gradient, or let gradient_descent_step do it.",
    ),
)
def ascent_all_the_way(objective, w0, lr, num_steps):
    """Your trajectory climbs: the gradient is added. It points to where the objective grows, so descent subtracts it.
    Look at the sign of your step."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps):
        rows.append(_descend(objective, rows[-1], -lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Print the first and the last row of your trajectory after three steps.",
        "If a list holds one tensor many times and it changes in place, what does each entry show?",
        "Store a copy of the weights in each step.",
    ),
)
def one_tensor_for_all_rows(objective, w0, lr, num_steps):
    """All rows of your trajectory are the same: the last point. You stored the same tensor each time, and every step
    changes it in place. Look at what you append."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "A step works in place: on which tensor does yours?",
        "Start from a copy of w0, and store another copy as row 0.",
    ),
)
def overwrites_w0(objective, w0, lr, num_steps):
    """You descend on the caller's w0 itself, so that it is overwritten, and row 0 of the trajectory, which shares its
    memory, with it. The start should be left alone. Look at which tensor your steps change."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "Which tensor do you ask autograd to follow: the caller's, or one of your own?",
        "Take a detached copy of w0, and let autograd follow that one.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, num_steps):
    """Your trajectory is right, but the caller's w0 requires grad afterwards, which it did not before. Whoever goes on
    computing with it builds a graph without knowing. Not to modify a tensor includes its switches; look at which tensor you
    set requires_grad of."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "`backward` leaves gradients in the `.grad` of its leaves. Which tensor is the leaf in your first step?",
        "Take a detached copy of w0 first, or use your function `gradient`, which leaves no trace.",
    ),
)
def start_keeps_a_gradient(objective, w0, lr, num_steps):
    """Your trajectory is right, but your first step calls backward on the caller's w0, and leaves a gradient in its `.grad`.
    It would be added to the next one that is computed there. Look at which tensor your first step differentiates at."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "How many points are on a way of one step?",
        "Row 0 is where you stand before the first step.",
        "Put w0 into the trajectory before the loop begins.",
    ),
)
def start_is_missing(objective, w0, lr, num_steps):
    """Your trajectory has num_steps rows, one too few: the start is missing. Row 0 is w0, row t the weights after t
    steps. Look at when you store the first row."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows, w = [], w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
        rows.append(w)
    return torch.stack(rows) if rows else w.new_empty(0, len(w))


@mistake(
    "gradient_descent",
    hints=(
        "How many points are on a way of one step?",
        "Count how often your loop runs for num_steps = 1.",
        "Make exactly num_steps steps; with the start that gives one row more.",
    ),
)
def one_step_too_many(objective, w0, lr, num_steps):
    """Your trajectory has num_steps + 2 rows: you make one step too many. The start is a row, too, but
    no step. Look at how often your loop runs."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps + 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "How many points are on a way of one step?",
        "With num_steps = 1, how often does your loop run?",
        "Make num_steps steps; with the start that gives one row more.",
    ),
)
def one_step_too_few(objective, w0, lr, num_steps):
    """Your trajectory begins with w0, but has num_steps rows, one too few: the weights after the last step are missing.
    Row t holds the weights after t steps, and t goes up to num_steps. Look at how often your loop runs, and when it keeps
    a row."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for _ in range(num_steps - 1):
        rows.append(_descend(objective, rows[-1], lr))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    hints=(
        "Is the second step of your trajectory as long as the first? Should it be?",
        "The slope changes as you move.",
        "Take the gradient anew in every step, at the current weights.",
    ),
)
def gradient_of_the_start(objective, w0, lr, num_steps):
    """Every step of yours uses the gradient at w0: you walk straight on, past the minimum. The slope changes on the
    way. Look at the point at which the gradient is taken, and when."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows, slopes = [w0.detach().clone()], gradient(objective, w0)
    for _ in range(num_steps):
        rows.append(rows[-1] - lr * slopes)
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="accumulates_in_grad",
    hints=(
        "The first step is right, the second is too long. What is in .grad then?",
        "`.backward()` adds to `.grad`. Who sets it to zero between steps?",
        "Clear .grad before each backward pass, or use your function gradient.",
    ),
)
def accumulates_in_grad_on_the_way(objective, w0, lr, num_steps):
    """From the second step on, you step along the sum of all gradients so far: .backward() adds to .grad, and nothing
    sets it back to zero. Look at .grad between two steps."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "What shape has your result after three steps in two dimensions?",
        "The pictures need the way, not only its end.",
        "Collect a copy of the weights before the loop and after every step, and stack them.",
    ),
)
def end_only(objective, w0, lr, num_steps):
    """You return the last weights only. The whole trajectory is asked for: one row for the start and one for each step.
    Look at what is left of the earlier points."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    w = w0.detach().clone()
    for _ in range(num_steps):
        w = _descend(objective, w, lr)
    return w


@mistake(
    "gradient_descent",
    hints=(
        "By which factor does the second step of your trajectory differ from lr times the gradient there?",
        "lr is a constant in this exercise.",
        "Use the same lr in every step.",
    ),
)
def shrinking_lr(objective, w0, lr, num_steps):
    """Your learning rate shrinks: step t uses lr / t. Such schedules are the subject of a later section; here every
    step uses the same lr. Look at what multiplies the gradient."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
    rows = [w0.detach().clone()]
    for t in range(num_steps):
        rows.append(_descend(objective, rows[-1], lr / (t + 1)))
    return torch.stack(rows)


@mistake(
    "gradient_descent",
    slug="float32",
    hints=(
        "Print the dtype of the trajectory for a float64 start.",
        "torch makes float32 tensors unless it is told otherwise.",
        "Give the tensor that holds the rows the dtype of w0.",
    ),
)
def float32_rows(objective, w0, lr, num_steps):
    """Your trajectory comes back in float32, whatever the dtype of w0, and half of its digits are lost. Look at how you
    make the tensor that holds the rows."""
    _expect_not_negative(lr=lr, num_steps=num_steps)
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
        "Descend with a negative lr and no steps. What happens, and what does the docstring say?",
        "Bad arguments should be refused at once, not when something first uses them.",
        "Before the loop, raise a ValueError that names the argument, for lr and for num_steps.",
    ),
)
def refuses_too_late_to_descend(objective, w0, lr, num_steps):
    """Your trajectories are right, but you leave it to the steps to refuse bad arguments. With no step to take, a
    negative lr goes through, and a negative num_steps looks like no steps. Look at the docstring's Raises."""
    w = w0.detach().clone()
    rows = [w.clone()]
    for _ in range(num_steps):
        gradient_descent_step([w], [gradient(objective, w)], lr)
        rows.append(w.clone())
    return torch.stack(rows)
