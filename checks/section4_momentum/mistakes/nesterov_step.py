"""Mistakes in nesterov_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_beta, _expect_lr, _expect_step, _heavy_ball, _nesterov


@mistake(
    "nesterov_step",
    hints=(
        "Give the same input to your momentum_step and to your nesterov_step. Do the weights differ?",
        "Is the velocity in your second line the old one or the new one? Work out by hand what the old one gives.",
        "The weights move by the gradient plus beta times the velocity that already contains this gradient.",
    ),
)
def plain_momentum(params, grads, velocities, lr, beta):
    """Your weights take the step of plain momentum. Either they move by the velocity alone, or you add beta times the
    *old* velocity to the gradient, which is the new velocity again. Nesterov goes one beta further ahead: see which
    velocity the formula uses."""
    _expect_step(lr, beta)
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or twice its step?",
        "Three symbols stand in the bracket of the second line. Do you have all of them?",
        "Multiply the velocity by beta before you add the gradient to it.",
    ),
)
def beta_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by the gradient plus the whole velocity: the beta in the second line is missing. With beta = 0
    you should get gradient descent, and you get twice its step. Look at what stands in front of the velocity."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + v))


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "Three symbols stand in the bracket of the second line. Do you have all of them?",
        "Add the gradient itself to beta times the velocity before you move the weights.",
    ),
)
def gradient_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by beta times the velocity, without the gradient itself. With beta = 0 you should get gradient
    descent, and nothing moves. Look at the bracket in the second line of the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * beta * v)


@mistake(
    "nesterov_step",
    hints=(
        "How often does the old velocity enter the step of your weights, and with which powers of beta?",
        "The formula is for weights that are at the point ahead already. Who went there, you or the caller?",
        "Do not move the weights ahead yourself: update the velocity, then make the one step of the formula.",
    ),
)
def looks_ahead_by_itself(params, grads, velocities, lr, beta):
    """You move the weights ahead by the old velocity, and then make a heavy-ball step from there. But the gradient that
    you were given belongs to where the weights are: they are the point ahead already. The formula makes one step, with
    the new velocity."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * beta * v)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "nesterov_step",
    slug="exponential_average",
    hints=(
        "Start from a zero velocity. After one step, is your velocity the gradient?",
        "The line for the velocity is the same as that of the heavy ball. Is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def nesterov_with_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. As in the heavy ball, the whole gradient is
    added, so that the velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula
    with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="lr_in_velocity",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does that slow the weights down at once?",
        "Leave lr out of the velocity, and multiply by it only where the weights move.",
    ),
)
def nesterov_with_lr_inside(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks write it so, and with a constant lr the weights
    take the same way; but the velocities are lr times ours, and when lr changes, old gradients keep the old one. Here
    lr stays outside."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(lr * g + beta * v)


@mistake(
    "nesterov_step",
    slug="velocity_is_the_step",
    hints=(
        "Print the velocity after one step from zero. Which sign and which size has it, next to the gradient?",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Add the gradient as it is to the faded velocity; bring in lr and the minus sign where the weights move.",
    ),
)
def nesterov_with_steps(params, grads, velocities, lr, beta):
    """Your velocity is a step of the weights: it contains the learning rate and points downhill. Other textbooks write
    it so. With a constant lr the weights take the same way, but your velocities are -lr times ours, and the two part
    when lr changes."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(beta * v - lr * g)


@mistake(
    "nesterov_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. Where is your weight after one step?",
        "Gradient and velocity both point uphill. Which way should the weights go?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def nesterov_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along gradient and velocity, which both point uphill. To make the loss smaller they
    must move against them. Look at the sign in the second line of the formula."""
    _expect_step(lr, beta)
    _nesterov(params, grads, velocities, -lr, beta)


@mistake(
    "nesterov_step",
    slug="velocity_rebound",
    hints=(
        "Keep the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new velocity into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def nesterov_loses_velocity(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old velocity again, and nothing adds up. See which of your operations change
    a tensor, and which make a new one."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def nesterov_out_of_place(params, grads, velocities, lr, beta):
    """The tensors that you were given hold the same weights and velocities after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * (g + beta * v)


@mistake(
    "nesterov_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Add gradient and velocity in a tensor of their own before you move the weights.",
    ),
)
def nesterov_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients on the way: the sum with the velocity is built up in the
    gradient's own tensor. The caller may still need them, to log their size or for a second optimizer. Look at which
    tensor you write into."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * g.add_(beta * v))


@mistake(
    "nesterov_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. What does the velocity hold?",
        "The next backward pass may write into the same tensor. To which tensors do the numbers of your velocity belong?",
        "Copy the gradient's numbers into the velocity's own tensor, as `copy_` does, also in the first step.",
    ),
)
def nesterov_velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. As soon as the next backward pass
    writes into that, your velocity has changed, too, and your next step changes the gradient. Each needs its own memory."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            if v.any():
                v.mul_(beta).add_(g)
            else:
                v.data = g.data
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def nesterov_of_flat_copies(params, grads, velocities, lr, beta):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for tensors in zip(params, grads, velocities, strict=True):
            w, g, v = (tensor.detach().reshape(-1) for tensor in tensors)
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def nesterov_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def nesterov_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_beta(beta)
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse beta = 1, too, with a ValueError that names `beta`.",
    ),
)
def nesterov_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing ever fades, and under a constant gradient the velocity grows without bound. The
    allowed interval is open at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with beta = 1.5?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check lr and beta, and raise a ValueError that names the one that is wrong.",
    ),
)
def nesterov_unchecked(params, grads, velocities, lr, beta):
    """You refuse nothing: a negative lr and a beta outside [0, 1) get through. They turn steps uphill or let the
    velocity grow for ever, and the caller is not told. See in the docstring what must be raised, and when."""
    _nesterov(params, grads, velocities, lr, beta)
