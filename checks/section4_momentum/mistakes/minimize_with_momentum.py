"""Mistakes in minimize_with_momentum."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section4_momentum import momentum_step, nesterov_step

from .shared import expect_step


def _expect_run(lr, beta, num_steps):
    expect_step(lr, beta)
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")


def _roll(step, objective, w, velocity, lr, beta, num_steps):
    """The rows of a trajectory by a step rule; changes `w` and `velocity`."""
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
        "Compare your trajectories for beta = 0.9 and for beta = 0.",
        "How often do you set the velocity to zero: once, or in every step?",
        "Create the velocity before the loop, and pass the same tensor to every step.",
    ),
)
def minimize_without_memory(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of gradient descent: beta has no effect, because every step starts from a velocity of
    zero. The ball must keep its velocity from one step to the next. Look at where you create the velocity."""
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
        "Append a copy, not the tensor that the next step changes.",
    ),
)
def aliased_rows(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory are equal to the last weights, as if you store the same tensor many times, and every step
    changes it in place. Store a copy of the weights in each step: check the line that stores them."""
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
        "Print the whole trajectory. Which rows differ?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "After each step, append a copy, as you do for the start.",
    ),
)
def aliased_rows_after_start(objective, w0, lr, beta, num_steps):
    """All rows of your trajectory except the first are equal to the last weights, as if you store the tensor itself after
    each step, and the next step changes it in place. Store a copy of the weights after each step: check the line that
    stores them."""
    _expect_run(lr, beta, num_steps)
    rows = _roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps)
    return torch.stack(rows[:1] + rows[-1:] * num_steps)


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows does your trajectory have for num_steps = 3? What is row 0?",
        "Four points are connected by three steps.",
        "Store the starting point before the loop.",
    ),
)
def start_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory starts after the first step: the starting point is missing, so there is a row too few. Row 0 is
    `w0`, and row t holds the weights after t steps. Check the entry that you store before the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[1:])


@mistake(
    "minimize_with_momentum",
    hints=(
        "How many rows does your trajectory have for num_steps = 3? How many steps do you make?",
        "Four points are connected by three steps.",
        "Make num_steps steps, and store the weights after each step, including the last.",
    ),
)
def last_step_missing(objective, w0, lr, beta, num_steps):
    """Your trajectory ends one step too early: it has num_steps rows, and the weights after the last step are missing.
    Row 0 is `w0`, so there is one more row than steps. Look at how many times your loop runs, and when you store a
    row."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps - 1))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print the gradient in each step. Does it change?",
        "Where do you measure the slope: at the current point, or at the start?",
        "Compute the gradient in each step, at the current weights.",
    ),
)
def gradient_at_start(objective, w0, lr, beta, num_steps):
    """Each of your steps uses the gradient at the starting point, so the ball rolls on in one direction, past the
    minimum. Compute the gradient at the current weights: look at where you compute it, and when."""
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
        "Print the gradient in the second step, and compute it by hand. How large is the difference?",
        "What does autograd do with a `.grad` that already exists?",
        "Clear the gradient before each backward pass, or ask autograd for a new gradient in each step.",
    ),
)
def gradient_accumulates(objective, w0, lr, beta, num_steps):
    """Your velocity sums up sums of gradients, as when each backward pass adds to the `.grad` of earlier ones. Use only the
    gradient at the current weights. Look at what is left of a gradient when the next step begins."""
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
        "The steps work in place. Which tensor do they change?",
        "Start from a copy of `w0`.",
    ),
)
def start_modified(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but your steps change the caller's `w0` in place. A second run from the same point then
    starts at a different point. Look at which tensor your steps change."""
    _expect_run(lr, beta, num_steps)
    w = w0.detach().requires_grad_()
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print row 0 of your trajectory, and print `w0` before and after the call.",
        "`detach` makes no copy: its result shares the memory of the tensor. Which tensor do your steps change?",
        "Start from a copy of `w0`, and store a copy of it as row 0.",
    ),
)
def start_modified_and_stored(objective, w0, lr, beta, num_steps):
    """Your steps change the caller's `w0` in place, and row 0 of your trajectory is this same tensor: it holds the last
    weights instead of the start. `detach` alone makes no copy. Look at the tensor that you start from."""
    _expect_run(lr, beta, num_steps)
    w = w0.detach()
    velocity = torch.zeros_like(w)
    rows = [w]
    for _ in range(num_steps):
        point = w.clone().requires_grad_()
        (grad,) = torch.autograd.grad(objective(point), point)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print row 0 of your trajectory. Is it `w0`?",
        "The steps work in place. What happens to a row that shares its memory with the weights?",
        "Store a copy of the start as row 0, as you do for the other rows.",
    ),
)
def first_row_aliased(objective, w0, lr, beta, num_steps):
    """Row 0 of your trajectory holds the last weights instead of the start: you store the tensor itself, and the steps
    change it in place. The other rows are copies, and right. Check the entry that you store before the loop."""
    _expect_run(lr, beta, num_steps)
    rows = _roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps)
    return torch.stack([rows[-1], *rows[1:]])


@mistake(
    "minimize_with_momentum",
    hints=(
        "Set beta = 0. Is your second step lr times the gradient at the first point?",
        "Which weights does your objective see in step 1: those before or after the step?",
        "Take the gradient at the current weights, then make the step.",
    ),
)
def gradient_one_step_late(objective, w0, lr, beta, num_steps):
    """Each of your steps uses the gradient of the step before, so the ball reacts one step too late; the first two steps
    both use the gradient at the start. Look at where the loop computes the gradient, and where it steps."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    (late,) = torch.autograd.grad(objective(w), w)
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [late], [velocity], lr, beta)
        late = grad
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    slug="exponential_average",
    hints=(
        "How long is your first step, in multiples of lr times the gradient?",
        "Heavy ball adds the whole gradient to the velocity. Does your loop?",
        "Call your `momentum_step` in the loop, or use its rule.",
    ),
)
def minimize_with_average(objective, w0, lr, beta, num_steps):
    """Your steps are 1 - beta times as long as they should be, as with a velocity that averages: there the new gradient counts
    1 - beta. Heavy ball adds the whole gradient. Look at the rule of 4.4."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [(1 - beta) * grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    slug="velocity_never_fades",
    hints=(
        "Compare your trajectories for beta = 0 and for beta = 0.9.",
        "How long does your velocity remember the very first gradient?",
        "Multiply the old velocity by beta before you add the gradient, or call your `momentum_step`.",
    ),
)
def velocity_never_fades_in_run(objective, w0, lr, beta, num_steps):
    """Your velocity never fades: your trajectory is that of beta = 1 for any beta, a ball without friction. Look at how
    beta enters your loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        velocity = velocity + grad
        with torch.no_grad():
            w -= lr * velocity
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `w0.requires_grad` before and after the call.",
        "Which tensor does autograd follow: the caller's, or your own?",
        "Make a detached copy of `w0`, and let autograd follow the copy.",
    ),
)
def start_left_requiring_grad(objective, w0, lr, beta, num_steps):
    """Your trajectory is right, but afterwards the caller's `w0` requires grad, although it did not before. Later
    operations with `w0` then build a graph. Leave `w0.requires_grad` unchanged too: look at the tensor on which you set
    it."""
    _expect_run(lr, beta, num_steps)
    w0.requires_grad_()
    return torch.stack(_roll(momentum_step, objective, _leaf(w0), torch.zeros_like(w0), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print `requires_grad` of the trajectory.",
        "If the weights require grad, what does a row hold besides its numbers?",
        "Detach each row from the graph before you store it.",
    ),
)
def graph_kept(objective, w0, lr, beta, num_steps):
    """The numbers are right, but your trajectory requires grad: it still has an autograd graph. The graph wastes
    memory, and a later `.numpy()` fails. Detach each row before you store it."""
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
        "Print the dtype of your trajectory for a float64 `w0`.",
        "Which dtype does torch use by default for a new tensor?",
        "Create every tensor with the dtype of `w0`.",
    ),
)
def float32_forced(objective, w0, lr, beta, num_steps):
    """Your trajectory is float32 for any dtype of `w0`. A float64 start loses half of its digits, and later operations
    with other float64 tensors may fail. Look at where you create tensors, and with which dtype."""
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
        "How long is your first step? Compute it by hand for w^2.",
        "Before the first step the ball is at rest.",
        "Start with a velocity of zero; the first step adds the first gradient, only once.",
    ),
)
def velocity_starts_at_gradient(objective, w0, lr, beta, num_steps):
    """Your velocity does not start at zero: before the first step it is already the first gradient, and the first step
    adds this gradient again. So the first step is 1 + beta times too long. Look at the velocity before the loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    (velocity,) = torch.autograd.grad(objective(w), w)
    return torch.stack(_roll(momentum_step, objective, w, velocity, lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nesterov",
    hints=(
        "How far does your first step move the weights, in multiples of lr times the gradient?",
        "Which of your two rules does the loop call?",
        "This exercise is about the heavy ball: use the rule of 4.4 for each step.",
    ),
)
def minimize_with_nesterov(objective, w0, lr, beta, num_steps):
    """Your trajectory is that of Nesterov's method, whose first step is 1 + beta times as long. The exercise asks for
    the heavy ball. Look at which rule your loop applies."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return torch.stack(_roll(nesterov_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What is the shape of your result for a `w0` of shape (2,) and num_steps = 3?",
        "Which points does the ball pass on its way?",
        "Store a copy of the weights before the first and after each step, and stack all copies.",
    ),
)
def last_point_only(objective, w0, lr, beta, num_steps):
    """You return only the weights after the last step. Return the whole trajectory, so that it can be drawn and
    measured: a row for the start, and a row for each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    return _roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)[-1]


@mistake(
    "minimize_with_momentum",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0. Does it raise an error? Should it?",
        "If the loop does not run, which arguments are checked?",
        "Check lr and beta before the loop too, and raise ValueErrors that name them.",
    ),
)
def checked_only_in_steps(objective, w0, lr, beta, num_steps):
    """With zero steps, you accept a bad lr. If only the step checks lr, nothing checks it when the loop does not run,
    and the caller notices the error much later. The docstring says when arguments raise an error."""
    if num_steps < 0:
        raise ValueError("num_steps must be at least 0")
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "What do you return for num_steps = -1?",
        "A loop over a negative range does not run, and raises no error.",
        "Raise a ValueError that names `num_steps` if it is below 0.",
    ),
)
def negative_steps_accepted(objective, w0, lr, beta, num_steps):
    """You accept a negative number of steps and treat it as 0. It is almost certainly a bug of the caller, so raise an
    error. The docstring says which arguments raise an error."""
    expect_step(lr, beta)
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    slug="nothing_refused",
    hints=(
        "Call it with beta = 1.5 and num_steps = 0, and then with num_steps = -1. Does it raise an error?",
        "If the loop does not run, which arguments are checked?",
        "Check lr, beta and num_steps before the loop, and raise ValueErrors that name them.",
    ),
)
def minimize_unchecked(objective, w0, lr, beta, num_steps):
    """With zero steps, you check nothing: you accept a bad lr or beta, and also a negative number of steps. A step that
    is never made checks nothing for you. The docstring says when arguments raise an error."""
    w = _leaf(w0)
    return torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))


@mistake(
    "minimize_with_momentum",
    hints=(
        "Print your second row, and w0 minus lr times the gradient at w0.",
        "After a step you have two tensors: the point and the velocity. Which of them is the trajectory?",
        "Append a copy of the point after each step.",
    ),
)
def velocities_in_the_rows(objective, w0, lr, beta, num_steps):
    """After the start, your rows hold the velocity and not the point. A trajectory is the list of points that the ball visits.
    Check the values that you store after each step."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity = torch.zeros_like(w)
    rows = [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(velocity.clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Compare your second row with the point after the first step. Which is it?",
        "A trajectory is the list of the points that the ball visits, not of their means.",
        "Store each point as it is.",
    ),
)
def means_of_the_points(objective, w0, lr, beta, num_steps):
    """Each of your rows is the mean of all points so far. The ball visits the points themselves: store each as it is. Look at
    what you do with the points before you return them."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    rows = torch.stack(_roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps))
    return rows.cumsum(0) / torch.arange(1, len(rows) + 1, dtype=rows.dtype)[:, None]


@mistake(
    "minimize_with_momentum",
    hints=(
        "Let the ball roll up the other side of a valley. What do your rows show?",
        "A ball with momentum may climb for a while. Is that an error?",
        "Store each point, also one that is higher than the one before.",
    ),
)
def rows_never_climb(objective, w0, lr, beta, num_steps):
    """You repeat the lowest point so far where a step climbs. A ball with momentum climbs now and then, and the trajectory
    shows it. Store each point that it visits."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    rows = _roll(momentum_step, objective, w, torch.zeros_like(w), lr, beta, num_steps)
    for k in range(1, len(rows)):
        rows[k] = rows[k] if objective(rows[k]) < objective(rows[k - 1]) else rows[k - 1]
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "When does your velocity become zero again?",
        "A restart is a method of its own. Does the formula have one?",
        "Never set the velocity back between the first step and the last.",
    ),
)
def restarts_when_it_climbs(objective, w0, lr, beta, num_steps):
    """You set the velocity to zero after a step that climbs. That is a known variant, momentum with restarts, but the formula
    keeps the velocity. Look for a condition in your loop."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity, rows = torch.zeros_like(w), [w.detach().clone()]
    for _ in range(num_steps):
        (grad,) = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        if objective(w) > objective(rows[-1]):
            velocity.zero_()
        rows.append(w.detach().clone())
    return torch.stack(rows)


@mistake(
    "minimize_with_momentum",
    hints=(
        "Where do you compute the gradient of your second step: where the ball is, or ahead of it?",
        "To look ahead is the idea of Nesterov's method.",
        "Take the gradient at the current point.",
    ),
)
def gradient_ahead_of_the_ball(objective, w0, lr, beta, num_steps):
    """You take the gradient ahead of the ball, at w - lr * beta * v, as Nesterov's method does. `momentum_step` needs the
    gradient at the current point. Check where you evaluate the objective."""
    _expect_run(lr, beta, num_steps)
    w = _leaf(w0)
    velocity, rows = torch.zeros_like(w), [w.detach().clone()]
    for _ in range(num_steps):
        ahead = (w - lr * beta * velocity).detach().requires_grad_()
        (grad,) = torch.autograd.grad(objective(ahead), ahead)
        momentum_step([w], [grad], [velocity], lr, beta)
        rows.append(w.detach().clone())
    return torch.stack(rows)
