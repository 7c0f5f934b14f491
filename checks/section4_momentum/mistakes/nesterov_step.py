"""Mistakes in nesterov_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_beta, expect_lr, expect_step, heavy_ball_update, nesterov_update


@mistake(
    "nesterov_step",
    hints=(
        "Pass the same input to your momentum_step and to your nesterov_step. Do the weights differ?",
        "Is the velocity in your second line the old or the new one? Compute by hand what the old one gives.",
        "The weights move by the gradient plus beta times the velocity that already contains this gradient.",
    ),
)
def plain_momentum(params, grads, velocities, lr, beta):
    """Your weights take the step of plain momentum. Either they move by the velocity alone, or you add beta times the
    *old* velocity to the gradient, which is the new velocity again. Nesterov looks ahead by another factor beta: look
    at which velocity the formula uses."""
    expect_step(lr, beta)
    heavy_ball_update(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or twice its step?",
        "The bracket of the second line has three symbols. Do you use all of them?",
        "Multiply the velocity by beta before you add the gradient to it.",
    ),
)
def beta_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by the gradient plus the whole velocity: the beta in the second line is missing. With beta = 0
    you should get gradient descent, but you get twice its step. Look at the factor of the velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + v))


@mistake(
    "nesterov_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "The bracket of the second line has three symbols. Do you use all of them?",
        "Add the gradient itself to beta times the velocity before you move the weights.",
    ),
)
def gradient_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by beta times the velocity, without the gradient itself. With beta = 0 you should get gradient
    descent, but nothing moves. Look at the bracket in the second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * beta * v)


@mistake(
    "nesterov_step",
    hints=(
        "How often does the old velocity enter the step of your weights, and with which powers of beta?",
        "The formula is for weights that are already the point ahead. Which code moved them there, yours or the caller's?",
        "Do not move the weights ahead yourself: update the velocity, then make the single step of the formula.",
    ),
)
def looks_ahead_by_itself(params, grads, velocities, lr, beta):
    """You move the weights ahead by the old velocity, and then make a heavy-ball step from there. But the weights that
    you get are already the point ahead, and the gradient belongs to them. The formula makes a single step, with the new
    velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * beta * v)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "nesterov_step",
    slug="exponential_average",
    hints=(
        "Start from a zero velocity. After one step, is your velocity equal to the gradient?",
        "The line for the velocity is the same as in the heavy ball. Is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def nesterov_with_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. As in the heavy ball, add the whole gradient, so
    that the velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula with
    yours."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="lr_in_velocity",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does this slow the weights down immediately?",
        "Remove lr from the velocity, and multiply by it only when you move the weights.",
    ),
)
def nesterov_with_lr_inside(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks define it this way, and with a constant lr the
    weights follow the same path; but your velocities are lr times ours, and when lr changes, old gradients keep the old
    lr. Here lr is not part of the velocity: look at its line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(lr * g + beta * v)


@mistake(
    "nesterov_step",
    slug="velocity_is_the_step",
    hints=(
        "Print the velocity after one step from zero. Compare its sign and size with the gradient.",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Multiply the velocity by beta and add the whole gradient; use lr and the minus sign when you move the weights.",
    ),
)
def nesterov_with_steps(params, grads, velocities, lr, beta):
    """Your velocity is a step of the weights: it contains the learning rate and points downhill, as in some textbooks.
    With a constant lr the weights follow the same path, but your velocities are -lr times ours, and the paths differ
    when lr changes. Compare both lines with the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(beta * v - lr * g)


@mistake(
    "nesterov_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. What is your weight after one step?",
        "Gradient and velocity both point uphill. Which way should the weights move?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def nesterov_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along gradient and velocity, which both point uphill. To reduce the loss they must
    move against them. Look at the sign in the second line of the formula."""
    expect_step(lr, beta)
    nesterov_update(params, grads, velocities, -lr, beta)


@mistake(
    "nesterov_step",
    slug="velocity_rebound",
    hints=(
        "Store the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment to a name or a list entry does not change the caller's tensor.",
        "Write the new velocity into the caller's tensor, with an operation whose name ends with an underscore.",
    ),
)
def nesterov_loses_velocity(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the caller's tensor keeps the old velocity. The
    next step starts from the old velocity again, so nothing adds up. Look at which operations change a tensor, and
    which create a new one."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Do they change?",
        "An assignment to a name or a list entry does not change the caller's tensor.",
        "Write both results into the given tensors, with operations whose names end with an underscore.",
    ),
)
def nesterov_out_of_place(params, grads, velocities, lr, beta):
    """After your step the caller's tensors hold the same weights and velocities as before. A step works in place: write
    the new values into the caller's tensors, not into new ones."""
    expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * (g + beta * v)


@mistake(
    "nesterov_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation whose name ends with an underscore changes the tensor before the dot. Which tensor is this in your code?",
        "Add gradient and velocity in a new tensor before you move the weights.",
    ),
)
def nesterov_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients: you compute the sum with the velocity in the gradient's own
    tensor. The caller may still need the gradients, to log their size or for a second optimizer. Look at which tensor
    you write into."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * g.add_(beta * v))


@mistake(
    "nesterov_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. Does the velocity change?",
        "The next backward pass may write into the same tensor. In which tensor is your velocity stored?",
        "Copy the gradient's numbers into the velocity's own tensor, for example with `copy_`, also in the first step.",
    ),
)
def nesterov_velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. The next backward pass then
    changes your velocity, and your next step changes the gradient. Each needs its own memory."""
    expect_step(lr, beta)
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
        "Try it on `torch.ones(3, 2).T`. Does it change?",
        "Does `reshape(-1)` of a transposed matrix return a view or a copy? Look it up.",
        "The rule works elementwise, in any shape. You need not flatten.",
    ),
)
def nesterov_of_flat_copies(params, grads, velocities, lr, beta):
    """A transposed tensor does not change, because you change a copy. `flatten`, `reshape` or `contiguous` return a
    view or a copy, depending on the memory layout. Write into the caller's tensors directly, in their own shape."""
    expect_step(lr, beta)
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
        "Autograd refuses operations that it cannot record, such as an in-place change of a leaf, or a conversion to numpy.",
        "Make the update inside a block without recording.",
    ),
)
def nesterov_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, like all parameters of a network: autograd tries to record it
    and raises an error. The update must not be recorded. Look for a way to switch recording off."""
    expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr raise an error, according to the docstring?",
        "Before you change anything, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def nesterov_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and hides a bug in a schedule. The docstring
    says which values raise an error, and which error."""
    expect_beta(beta)
    nesterov_update(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1). Which of its ends is allowed?",
        "Raise a ValueError that names `beta` for beta = 1 too.",
    ),
)
def nesterov_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing fades, and under a constant gradient the velocity grows without limit. The
    allowed interval [0, 1) does not include 1: compare your check with the docstring."""
    expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    nesterov_update(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and a step with beta = 1.5?",
        "Which values raise an error, according to the docstring?",
        "Before you change anything, check lr and beta, and raise a ValueError that names the wrong one.",
    ),
)
def nesterov_unchecked(params, grads, velocities, lr, beta):
    """You check nothing: you accept a negative lr and a beta outside [0, 1). Then steps go uphill or the velocity grows
    forever, and the caller sees no error. The docstring says which errors to raise, and when."""
    nesterov_update(params, grads, velocities, lr, beta)


@mistake(
    "nesterov_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient?",
        "How often does the formula change the velocity in one step?",
        "Compute the gradient plus beta times the velocity in a new tensor.",
    ),
)
def velocity_updated_twice(params, grads, velocities, lr, beta):
    """Your weights move right, but you update the velocity twice: the second time is only for the look ahead, and it stays
    in the stored velocity. The next step then starts from a wrong velocity. Look at which of your lines write into the
    velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "nesterov_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient?",
        "How often does the formula change the velocity in one step?",
        "Update the velocity once, and move the weights by the gradient plus beta times it.",
    ),
)
def velocity_updated_again(params, grads, velocities, lr, beta):
    """After the weights have moved as in plain momentum, you update the velocity a second time with the same gradient. The
    formula updates it once, and looks ahead in the line for the weights. Look at which of your lines write into the velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)
            v.mul_(beta).add_(g)


@mistake(
    "nesterov_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient?",
        "How often does the formula change the velocity in one step?",
        "Remove one of the two updates of the velocity.",
    ),
)
def looks_ahead_twice(params, grads, velocities, lr, beta):
    """You update the velocity twice with the same gradient, and then look ahead once more. The formula updates it once. Look
    at which of your lines write into the velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="gradient_subtracted",
    hints=(
        "Start from a zero velocity. After one step, does the velocity have the sign of the gradient?",
        "How many minus signs do the two lines of the formula have, and in which line?",
        "Add the gradient to beta times the velocity.",
    ),
)
def nesterov_subtracts_gradient(params, grads, velocities, lr, beta):
    """Your velocity subtracts the gradient. It should be a sum of gradients, which the weights then subtract. Compare the
    sign in the first line of the formula with yours."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="lr_forgotten",
    hints=(
        "Take a step with lr = 0. Do the weights stay unchanged?",
        "Where does lr enter your two lines?",
        "Multiply the whole bracket by lr.",
    ),
)
def nesterov_without_lr(params, grads, velocities, lr, beta):
    """The learning rate is missing in your line for the weights, so lr = 0.1 and lr = 0.001 give the same step. Look at the
    second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(g + beta * v)


@mistake(
    "nesterov_step",
    hints=(
        "Take a step with lr = 0. Do the weights stay unchanged?",
        "What does lr multiply in the formula: a part of the sum, or all of it?",
        "Put the sum into brackets, and multiply it by lr.",
    ),
)
def lr_on_the_gradient_only(params, grads, velocities, lr, beta):
    """You multiply only the gradient by lr, and not beta times the velocity: the bracket is missing. Check which part of
    the second line the formula multiplies by lr."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * g + beta * v)


@mistake(
    "nesterov_step",
    hints=(
        "Pass a gradient of zero and a velocity of 1. By how much should the weights move?",
        "The bracket of the second line has a gradient and a velocity. Which do you use?",
        "Use the gradient for the first part of the sum.",
    ),
)
def velocity_plus_beta_velocity(params, grads, velocities, lr, beta):
    """Your weights move by the velocity plus beta times the velocity. The first of the two should be the gradient of this
    step alone. Look at the bracket in the second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (v + beta * v))


@mistake(
    "nesterov_step",
    slug="velocity_reset",
    hints=(
        "Take two steps with the same gradient. Is the second longer than the first?",
        "What happens to the old velocity in your first line?",
        "Multiply the velocity by beta, do not set it to zero, and then add the gradient.",
    ),
)
def nesterov_without_memory(params, grads, velocities, lr, beta):
    """Your velocity forgets: after each step it is only the newest gradient, for any old velocity. Keep the old velocity,
    multiplied by beta, in the sum."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.zero_().add_(g)
            w.sub_(lr * (g + beta * v))


@mistake(
    "nesterov_step",
    slug="swapped_lr_and_beta",
    hints=(
        "Set lr = 0. Do the weights stay unchanged?",
        "Which of the two numbers makes old gradients fade, and which scales the step?",
        "beta belongs to the velocity, lr to the whole step: swap them.",
    ),
)
def nesterov_with_swapped_numbers(params, grads, velocities, lr, beta):
    """You swap lr and beta in both lines. So lr fades the velocity, and beta scales the step. Look at which of the two
    belongs to which line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(lr).add_(g)
            w.sub_(beta * (g + lr * v))
