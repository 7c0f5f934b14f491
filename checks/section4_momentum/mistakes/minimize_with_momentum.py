"""Mistakes in minimize_with_momentum."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section4_momentum import momentum_step, nesterov_step

from .shared import _expect_step


def _expect_run(lr, beta, num_steps):
    _expect_step(lr, beta)
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")


def _roll(step, objective, w, velocity, lr, beta, num_steps):
    """The rows of a trajectory by one of the rules; moves `w` and `velocity`."""
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return rows


def _leaf(w0):
    """A copy of the starting point that autograd follows."""
    return w0.detach().clone().requires_grad_()


@mistake(
    "minimize_with_momentum",
    slug="velocity_reset",
    hints=(
        "Compare your trajectory for beta = 0.9 with that for beta = 0.",
        "How often is the velocity set to zero: once, or in every step?",
        "Make the velocity before the loop, and hand the same tensor to every step.",
    ),
)
def minimize_without_memory(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of gradient descent: beta has no influence, because every step starts from a velocity of
    zero. The ball must keep its velocity from one step to the next. Look at where the velocity is made."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [torch.zeros_like(w)], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the whole trajectory. Do its rows differ?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "Put a copy into the list, not the tensor that the next step changes.",
    ),
)
def aliased_rows(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory are the same: the last weights. You have kept one tensor many times, and every step
    changes it in place. A trajectory needs a copy of the weights from each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the whole trajectory. Which of its rows differ?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "After each step, put a copy into the list, as you did with the start.",
    ),
)
def aliased_rows_after_start(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory but the first are the same: the last weights. After each step you keep the tensor
    itself, and the next step changes it in place. A trajectory needs a copy of the weights from each step."""
    _expect_run(lr, beta, num_steps)
    rows = _roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps)
    return torch.stack(rows[:1] + rows[-1:] * num_steps)


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows has your trajectory for num_steps = 3? And what is in row 0?",
        "Between four points there are three steps.",
        "Put the starting point into the list before the loop.",
    ),
)
def start_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory begins after the first step: the starting point is missing, and with it one row. Row 0 is `w0`,
    and row t holds the weights after t steps. Look at what you keep before the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[1:])


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows has your trajectory for num_steps = 3? And how many steps did you make?",
        "Between four points there are three steps.",
        "Make num_steps steps, and keep the weights after each of them, also after the last.",
    ),
)
def last_step_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory ends one step too early: it has num_steps rows, and the weights after the last step are not among
    them. Row 0 is `w0`, so there is one more row than there are steps. Look at how often your loop runs, and when a row
    is kept."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps - 1))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the gradient in each step. Does it change?",
        "Where is the slope measured: where the ball is now, or where it began?",
        "In each step, take the gradient anew, at the current weights.",
    ),
)
def gradient_at_start(objective, w0, lr, beta, num_steps):
    """Every step of yours uses the gradient at the starting point. So the ball rolls on and on in one direction, past
    the minimum, as on a slope without end. The gradient must be taken where the weights are now."""
    _expect_run(lr, beta, num_steps)
    w, start = _leaf(w0), _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(start), start)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the gradient in the second step, and compute it by hand. Which number is too much?",
        "What does autograd do with a `.grad` that is already there?",
        "Empty the gradient before each backward pass, or ask autograd for a new one in each step.",
    ),
)
def gradient_accumulates(objective, w0, lr, beta, num_steps):
    """Your gradients pile up: each backward pass adds to the `.grad` of the one before, so that the velocity sums sums
    of gradients. Only the gradient at the current weights should enter. Look at what `.grad` holds when a step
    begins."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        objective(w).backward()
        momentum_step([w], [w.grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print w0 before and after the call.",
        "The steps work in place. On whose tensor do they work?",
        "Start from a copy of `w0`.",
    ),
)
def start_modified(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but the caller's `w0` is not where it was: your steps have moved it in place. Whoever
    starts a second run from the same point starts somewhere else. Look at which tensor your steps change."""
    _expect_run(lr, beta, num_steps)
    w = w0.detach().requires_grad_()
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `w0.requires_grad` before and after the call.",
        "Which tensor do you ask autograd to follow: the caller's, or one of your own?",
        "Take a detached copy of `w0`, and let autograd follow that one.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but the caller's `w0` requires grad afterwards, which it did not before. Whoever goes on
    computing with it builds a graph without knowing. Not to change a tensor includes its switches; look at which tensor
    you set requires_grad of."""
    _expect_run(lr, beta, num_steps)
    w0.requires_grad_()
    return torch.stack(_roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `requires_grad` of the trajectory that you return.",
        "What does a row remember, besides its numbers, if the weights that it is made from require grad?",
        "Detach each row from the graph before you keep it.",
    ),
)
def graph_kept(objective, w0, lr, beta, num_steps):
    """The numbers are right, but your trajectory still hangs on autograd's graph: it requires grad. That keeps memory
    alive for nothing, and the next `.numpy()` fails. The rows are a record, and no part of a computation to be
    differentiated."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the dtype of your trajectory for a `w0` in float64.",
        "Which dtype does the library take when you make a tensor without saying which?",
        "Make every new tensor in the dtype of `w0`.",
    ),
)
def float32_forced(objective, w0, lr, beta, num_steps):
    """Your trajectory is float32 whatever `w0` is. Half of the digits of a float64 start are lost, and whatever is
    computed with it may fail for want of one dtype. Look at where you make new tensors, and in which dtype."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = torch.zeros(num_steps + 1, len(w0))
    rows[0] = w.detach()
    for step in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows[step + 1] = w.detach()
    return rows


@mistake(
    "minimize_with_momentum",
    hints=(
        "How far does your very first step go? Compute it by hand for w^2.",
        "Before the first step the ball is at rest.",
        "Start with a velocity of zero; the first gradient comes in with the first step, and once only.",
    ),
)
def velocity_starts_at_gradient(objective, w0, lr, beta, num_steps):
    """Your ball does not start at rest: its velocity is already the first gradient before the first step, which then
    adds the same gradient once more. So the first step is 1 + beta times too long. Look at what the velocity is before
    the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    (velocity,) = torch.autograd.grad(objective(w), w)
    return torch.stack(_roll(momentum_step, objective, w, velocity, lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nesterov",
    hints=(
        "By how much does your first step move the weights, in multiples of lr times the gradient?",
        "Which of your two rules does the loop call?",
        "This exercise is about the heavy ball: make each step with the rule of 4.3.",
    ),
)
def minimize_with_nesterov(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of Nesterov's method, which goes 1 + beta times as far in its first step. The heavy ball
    is asked for here. Look at which rule your loop applies."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(nesterov_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What shape has your result for a `w0` of shape (2,) and num_steps = 3?",
        "Where did the ball come through on its way?",
        "Keep a copy of the weights after each step, and stack all of them.",
    ),
)
def last_point_only(objective, w0, lr, beta, num_steps):
    """You return the weights after the last step only. The whole way is asked for, so that it can be drawn and its pace
    measured: one row for the start, and one for each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return _roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[-1]


@mistake(
    "minimize_with_momentum",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0. Who should complain, and does anyone?",
        "If the loop body never runs, what was checked?",
        "Check lr and beta before the loop, too, with ValueErrors that name them.",
    ),
)
def checked_only_in_steps(objective, w0, lr, beta, num_steps):
    """A bad lr goes unnoticed when no step is to be taken. If it is the step that refuses it, nothing is refused where
    the loop never runs, and an error in a configuration shows only later. See in the docstring when arguments must be
    refused."""
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What do you return for num_steps = -1?",
        "A loop over a negative range runs not at all, and nobody complains.",
        "Raise a ValueError that names `num_steps` if it is below 0.",
    ),
)
def negative_steps_accepted(objective, w0, lr, beta, num_steps):
    """You accept a negative number of steps, and behave as if it were 0. A caller who asks for that has made a mistake,
    and should be told. See in the docstring which arguments must be refused."""
    _expect_step(lr, beta)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nothing_refused",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0, and then with num_steps = -1. Does anyone complain?",
        "If the loop body never runs, what was checked?",
        "Check lr, beta and num_steps before the loop, with ValueErrors that name them.",
    ),
)
def minimize_unchecked(objective, w0, lr, beta, num_steps):
    """When no step is to be taken, you refuse nothing: a bad lr or beta gets through, and a negative number of steps,
    too. A step that is never made checks nothing for you. See in the docstring when arguments must be refused."""
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))
