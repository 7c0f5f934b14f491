"""Mistakes in momentum_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_beta, expect_lr, expect_step, heavy_ball_update, nesterov_update


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity and take two steps with the same gradient. How large should the velocity be?",
        "Heavy ball *adds*: many equal gradients give a velocity of 1 / (1 - beta) times the gradient. How large is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def exponential_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. Heavy ball adds the whole gradient, so that the
    velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula with yours."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does this slow the ball down immediately?",
        "Remove lr from the velocity, and multiply the velocity by it when you move the weights.",
    ),
)
def lr_in_velocity(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks define it this way, and with a constant lr the
    weights follow the same path; but your velocities are lr times ours, and when lr changes, old gradients keep the old
    lr. Here lr is not part of the velocity: look at its line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Compare its sign and size with the gradient.",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Multiply the velocity by beta and add the whole gradient; use lr and the minus sign when you move the weights.",
    ),
)
def velocity_is_the_step(params, grads, velocities, lr, beta):
    """Your velocity is the step itself: it contains the learning rate and points downhill, as in some textbooks. With a
    constant lr the weights follow the same path, but your velocities are -lr times ours, and the paths differ when lr
    changes. Compare both lines with the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(v)


@mistake(
    "momentum_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. What is your weight after one step?",
        "The velocity is a sum of gradients, and a gradient points uphill. Which way should the weights move?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def momentum_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along the velocity, which is a sum of gradients and points uphill. To reduce the
    loss they must move against it. Look at the sign in the second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, does the velocity have the sign of the gradient?",
        "How many minus signs do the two lines of the formula have, and in which line?",
        "Add the gradient to beta times the velocity. The only minus sign is in the line for the weights.",
    ),
)
def gradient_subtracted(params, grads, velocities, lr, beta):
    """Your velocity subtracts the gradient, and then the weights subtract the velocity. Two minus signs make a plus, so
    the new gradient moves the weights uphill. Compare the sign in the first line of the formula with yours."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, does the velocity have the sign of the gradient?",
        "From a zero velocity your weights move correctly. What happens from a velocity that is not zero?",
        "Add the gradient in the first line and subtract in the second: yours does the opposite in both lines.",
    ),
)
def downhill_velocity(params, grads, velocities, lr, beta):
    """Your velocity points downhill: it subtracts gradients, and the weights add it. From a zero velocity the weights
    move correctly, but the sign of the stored velocity is wrong, so a given velocity that is not zero is used wrongly.
    Compare both signs with the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "From a zero velocity, does your first step move the weights at all?",
        "Which velocity does the second line of the formula use: the value before or after the first line?",
        "Change the order: first the velocity adds the gradient, then the weights move by it.",
    ),
)
def weights_first(params, grads, velocities, lr, beta):
    """Your weights move by the old velocity, so a new gradient acts only from the next step on, and the first step from
    rest does not move. The order of the two lines matters: look at which comes first."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * v)
            v.mul_(beta).add_(g)


@mistake(
    "momentum_step",
    hints=(
        "Store the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment to a name or a list entry does not change the caller's tensor.",
        "Write the new velocity into the caller's tensor, with an operation whose name ends with an underscore.",
    ),
)
def velocity_rebound(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the caller's tensor keeps the old velocity. The
    next step starts from the old velocity again, so nothing adds up. Look at which operations change a tensor, and
    which create a new one."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take two steps with the same gradient. Is the second longer than the first?",
        "What is the difference between beta = 0.9 and beta = 0 in your code?",
        "Keep the old velocity: multiply it by beta, do not set it to zero, and then add the gradient.",
    ),
)
def velocity_reset(params, grads, velocities, lr, beta):
    """Your velocity forgets: after each step it is only the newest gradient, for any beta and any old velocity. This is
    plain gradient descent. Keep the old velocity, multiplied by beta, in the sum."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.zero_().add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set lr = 0. Do the weights stay unchanged?",
        "Which of the two numbers makes old gradients fade, and which scales the step?",
        "beta belongs to the velocity and lr to the weights: swap them.",
    ),
)
def swapped_lr_and_beta(params, grads, velocities, lr, beta):
    """You swap lr and beta: you multiply the velocity by lr, and the weights move by beta times the velocity. So a
    smaller learning rate does not shorten the newest step. Look at which of the two belongs to which line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(lr).add_(g)
            w.sub_(beta * v)


@mistake(
    "momentum_step",
    slug="nesterov",
    hints=(
        "Your velocities are right. By what do your weights move?",
        "How often does the gradient of this step enter the step of the weights?",
        "Move the weights by lr times the new velocity only. Looking ahead is the next exercise.",
    ),
)
def momentum_is_nesterov(params, grads, velocities, lr, beta):
    """Your weights take Nesterov's step, which looks ahead by another factor beta. The heavy ball moves by the new
    velocity alone. Your formula belongs to the next exercise."""
    expect_step(lr, beta)
    nesterov_update(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent?",
        "How long does your velocity remember the very first gradient?",
        "Multiply the old velocity by beta before you add the gradient.",
    ),
)
def velocity_never_fades(params, grads, velocities, lr, beta):
    """Your velocity never fades: it is the sum of all gradients, and beta has no effect. A ball without friction swings
    forever. Check the old velocity before you add the gradient."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "What do you multiply by beta: the old velocity, or its sum with the new gradient?",
        "First multiply the velocity by beta, then add the gradient. Yours does the opposite.",
    ),
)
def gradient_fades_too(params, grads, velocities, lr, beta):
    """You multiply the new gradient by beta together with the old velocity. With beta = 0 nothing moves. Look at the
    order of the two operations in the first line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g).mul_(beta)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the caller's weights before and after a step. Did they change?",
        "An assignment to a name or a list entry does not change the caller's tensor.",
        "Change the weights with an operation whose name ends with an underscore, without recording.",
    ),
)
def weights_rebound(params, grads, velocities, lr, beta):
    """Your velocities are right, but the caller's weights do not change: you write the new values into new tensors. A
    step must write into the tensors that it gets. Look at which operations change a tensor."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w = w - lr * v


@mistake(
    "momentum_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Do they change?",
        "An assignment to a name or a list entry does not change the caller's tensor.",
        "Write both results into the given tensors, with operations whose names end with an underscore.",
    ),
)
def momentum_out_of_place(params, grads, velocities, lr, beta):
    """After your step the caller's tensors hold the same weights and velocities as before. A step works in place: write
    the new values into the caller's tensors, not into new ones."""
    expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * v


@mistake(
    "momentum_step",
    hints=(
        "Pass two weight tensors. What happens to the second?",
        "When does your loop end?",
        "Let the loop run through all tensors: do not return inside its body.",
    ),
)
def first_tensor_only(params, grads, velocities, lr, beta):
    """Only the first weight tensor changes. A network has many tensors, and each needs its step. Check where your loop
    ends, and the index that you use in it."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)
            break


@mistake(
    "momentum_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation whose name ends with an underscore changes the tensor before the dot. Which tensor is this in your code?",
        "Write only into the velocity and the weights. Use a new tensor for values that you compute from the gradient.",
    ),
)
def momentum_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients: you compute the velocity in the gradient's own tensor. The
    caller may still need the gradients, to log their size or for a second optimizer. Look at which tensor you write
    into."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.copy_(g.add_(beta * v))
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. Does the velocity change?",
        "The next backward pass may write into the same tensor. In which tensor is your velocity stored?",
        "Copy the gradient's numbers into the velocity's own tensor, for example with `copy_`, also in the first step.",
    ),
)
def velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. The next backward pass then
    changes your velocity, and your next step changes the gradient. Each needs its own memory."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            if v.any():
                v.mul_(beta).add_(g)
            else:
                v.data = g.data
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does it change?",
        "Does `reshape(-1)` of a transposed matrix return a view or a copy? Look it up.",
        "The rule works elementwise, in any shape. You need not flatten.",
    ),
)
def momentum_of_flat_copies(params, grads, velocities, lr, beta):
    """A transposed tensor does not change, because you change a copy. `flatten`, `reshape` or `contiguous` return a
    view or a copy, depending on the memory layout. Write into the caller's tensors directly, in their own shape."""
    expect_step(lr, beta)
    with torch.no_grad():
        for tensors in zip(params, grads, velocities, strict=True):
            w, g, v = (tensor.detach().reshape(-1) for tensor in tensors)
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses operations that it cannot record, such as an in-place change of a leaf, or a conversion to numpy.",
        "Make the update inside a block without recording.",
    ),
)
def momentum_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, like all parameters of a network: autograd tries to record it
    and raises an error. The update must not be recorded. Look for a way to switch recording off."""
    expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr raise an error, according to the docstring?",
        "Before you change anything, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def momentum_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and hides a bug in a schedule. The docstring
    says which values raise an error, and which error."""
    expect_beta(beta)
    heavy_ball_update(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1). Which of its ends is allowed?",
        "Raise a ValueError that names `beta` for beta = 1 too.",
    ),
)
def momentum_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing fades, and under a constant gradient the velocity grows without limit. The
    allowed interval [0, 1) does not include 1: compare your check with the docstring."""
    expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    heavy_ball_update(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "What should beta = 0 give? Is it a valid choice?",
        "The interval is [0, 1). Which of its ends is allowed?",
        "Allow beta = 0; it is gradient descent.",
    ),
)
def zero_beta_refused(params, grads, velocities, lr, beta):
    """You refuse beta = 0. It is allowed: without memory the heavy ball is plain gradient descent. The allowed interval
    [0, 1) includes 0: compare your check with the docstring."""
    expect_lr(lr)
    if not 0 < beta < 1:
        raise ValueError("beta must be between 0 and 1")
    heavy_ball_update(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and a step with beta = 1.5?",
        "Which values raise an error, according to the docstring?",
        "Before you change anything, check lr and beta, and raise a ValueError that names the wrong one.",
    ),
)
def momentum_unchecked(params, grads, velocities, lr, beta):
    """You check nothing: you accept a negative lr and a beta outside [0, 1). Then steps go uphill or the velocity grows
    forever, and the caller sees no error. The docstring says which errors to raise, and when."""
    heavy_ball_update(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "Take a step with lr = 0. Do the weights stay unchanged?",
        "Where does lr enter your two lines?",
        "Multiply the velocity by lr when you move the weights.",
    ),
)
def lr_forgotten(params, grads, velocities, lr, beta):
    """Your weights move by the whole velocity: the learning rate is missing, so lr = 0.1 and lr = 0.001 give the same
    step. Look at the second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(v)


@mistake(
    "momentum_step",
    hints=(
        "With lr = 0.1, how far does a first step move the weights for the gradient 1?",
        "In which of the two lines does the formula have lr?",
        "Remove lr from the line for the velocity.",
    ),
)
def lr_twice(params, grads, velocities, lr, beta):
    """The learning rate enters twice: into the velocity, and again when the weights move. So your step is lr times too
    short. Here lr is not part of the velocity: look at its line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient?",
        "How often does your code add the gradient in one step?",
        "Add the gradient once, with weight 1.",
    ),
)
def gradient_added_twice(params, grads, velocities, lr, beta):
    """Your velocity adds the gradient twice: after a step from zero it is two times the gradient. Compare the first line of
    the formula with yours."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(2 * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take one step from a zero velocity. Is the velocity the gradient, and do the weights go downhill?",
        "Compare the factor of the gradient in the first line, and the sign in the second.",
        "Add the whole gradient to the velocity, and subtract lr times the velocity from the weights.",
    ),
)
def averages_uphill(params, grads, velocities, lr, beta):
    """Two things differ from the formula. Your velocity averages: it weighs the new gradient by 1 - beta. And your weights
    move along the velocity, which is uphill. Compare both lines with the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Where are your weights after a step with lr = 0?",
        "Does the second line of the formula use the old weights?",
        "Subtract lr times the velocity from the weights, instead of copying it into them.",
    ),
)
def weights_overwritten(params, grads, velocities, lr, beta):
    """Your weights become lr times the velocity: the old weights are lost. A step changes the weights by that much; it does
    not replace them. Look at the operation that writes into the weights."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.copy_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Where are your weights after a step with lr = 0?",
        "Does the second line of the formula use the old weights?",
        "Subtract lr times the velocity from the weights, instead of copying it into them.",
    ),
)
def weights_replaced_downhill(params, grads, velocities, lr, beta):
    """Your weights become minus lr times the velocity: the old weights are lost. A step changes the weights by that much; it
    does not replace them. Look at the operation that writes into the weights."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.copy_(-lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take two steps with the same gradient. Is the second longer than the first?",
        "By what do your weights move: by the gradient or by the velocity?",
        "Move the weights by lr times the new velocity.",
    ),
)
def velocity_unused(params, grads, velocities, lr, beta):
    """Your velocities are right, but the weights do not use them: they move by lr times the newest gradient, which is plain
    gradient descent. Look at the second line of the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * g)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent?",
        "Which of the two numbers should fade: the old velocity or the new gradient?",
        "Multiply the velocity by beta, then add the whole gradient.",
    ),
)
def beta_on_the_gradient(params, grads, velocities, lr, beta):
    """You multiply the gradient by beta, not the old velocity: so the velocity never fades, and with beta = 0 nothing is
    added. Beta is how much of the *old velocity* stays. Look at the first line."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(beta * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent?",
        "With beta = 0.9, how much of the old velocity should remain after a step?",
        "Multiply the velocity by beta itself.",
    ),
)
def one_minus_beta_kept(params, grads, velocities, lr, beta):
    """You keep 1 - beta of the old velocity instead of beta: with beta = 0.9, nine tenths of it are lost in each step. Beta
    is the part that stays. Look at the factor of the velocity."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(1 - beta).add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0.9. How much of the old velocity stays in yours?",
        "With beta = 0, momentum is gradient descent. Is yours?",
        "Multiply the old velocity by beta, and add the whole gradient.",
    ),
)
def beta_and_rest_exchanged(params, grads, velocities, lr, beta):
    """You keep 1 - beta of the old velocity, and multiply the gradient by beta. So a large beta forgets quickly, and with
    beta = 0 nothing moves as it should. Compare the two factors in the first line with the formula."""
    expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(1 - beta).add_(beta * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take two steps with the same gradient. Is the second one longer?",
        "What must the velocity hold when the next step begins?",
        "Delete the line that sets the velocity back after the step.",
    ),
)
def velocity_emptied_after_the_step(params, grads, velocities, lr, beta):
    """Your step of the weights is right, but then you set the velocity to zero. The next step finds no memory, and momentum
    becomes gradient descent. Look at the last line of your loop."""
    expect_step(lr, beta)
    heavy_ball_update(params, grads, velocities, lr, beta)
    for v in velocities:
        v.zero_()
