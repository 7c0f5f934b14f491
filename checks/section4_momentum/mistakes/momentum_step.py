"""Mistakes in momentum_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_beta, _expect_lr, _expect_step, _heavy_ball, _nesterov


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity and push twice with the same gradient. How large should the velocity be?",
        "Heavy ball *adds*: many equal gradients give a velocity of 1 / (1 - beta) times one. How large is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def exponential_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. Heavy ball adds the whole gradient, so that the
    velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Is it the gradient, or the gradient times the learning rate?",
        "Halve lr after ten steps. In which convention does that slow the ball down at once?",
        "Leave lr out of the velocity, and multiply the velocity by it where the weights move.",
    ),
)
def lr_in_velocity(params, grads, velocities, lr, beta):
    """Your velocity already contains the learning rate. Some textbooks write it so, and with a constant lr the weights
    take the same way; but the velocities are lr times ours, and when lr changes, old gradients keep the old one. Here
    lr stays outside."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(lr * g)
            w.sub_(v)


@mistake(
    "momentum_step",
    hints=(
        "Print the velocity after one step from zero. Which sign and which size has it, next to the gradient?",
        "Your velocity is a *step* of the weights. In the convention of this course it is a sum of gradients.",
        "Add the gradient as it is to the faded velocity; bring in lr and the minus sign where the weights move.",
    ),
)
def velocity_is_the_step(params, grads, velocities, lr, beta):
    """Your velocity is the step itself: it contains the learning rate and points downhill. That is the other textbook
    convention. With a constant lr the weights take the same way, but your velocities are -lr times ours, and the two
    part when lr changes."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(lr * g)
            w.add_(v)


@mistake(
    "momentum_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with velocity zero. Where is your weight after one step?",
        "The velocity is a sum of gradients, and a gradient points uphill. Which way should the weights go?",
        "Change the sign in the line for the weights; the line for the velocity is right.",
    ),
)
def momentum_ascent(params, grads, velocities, lr, beta):
    """Your weights climb: they move along the velocity, which is a sum of gradients and points uphill. To make the loss
    smaller they must move against it. Look at the sign in the second line of the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, has the velocity the sign of the gradient?",
        "How many minus signs are there in the two lines of the formula, and in which line?",
        "Add the gradient to the faded velocity. The only minus sign is in the line for the weights.",
    ),
)
def gradient_subtracted(params, grads, velocities, lr, beta):
    """Your velocity subtracts the gradient, and then the weights subtract the velocity. Two minus signs make a plus, so
    the new gradient pushes the weights uphill. Compare the sign in the first line of the formula with yours."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity. After one step, has the velocity the sign of the gradient?",
        "Your weights would go the right way from a zero velocity. What if the caller hands you one that is not zero?",
        "Add the gradient in the first line and subtract in the second: both signs are the other way round in yours.",
    ),
)
def downhill_velocity(params, grads, velocities, lr, beta):
    """Your velocity points downhill: it subtracts gradients, and the weights add it. From a zero velocity the weights
    go the right way, but the velocity that you leave behind, or are given, has the opposite sign. Compare both signs
    with the formula."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).sub_(g)
            w.add_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "From a zero velocity, does your first step move the weights at all?",
        "Which velocity does the second line of the formula use, the one before the first line or after it?",
        "Swap the order: first the velocity takes in the gradient, then the weights move by it.",
    ),
)
def weights_first(params, grads, velocities, lr, beta):
    """Your weights move by the old velocity, and the new gradient comes too late: it counts only from the next step on,
    and the first step from rest goes nowhere. The order of the two lines matters."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            w.sub_(lr * v)
            v.mul_(beta).add_(g)


@mistake(
    "momentum_step",
    hints=(
        "Keep the tensor `v = velocities[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new velocity into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def velocity_rebound(params, grads, velocities, lr, beta):
    """Your new velocity is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old velocity again, and nothing adds up. See which of your operations change
    a tensor, and which make a new one."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v = beta * v + g
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Take two steps with the same gradient. Is the second longer than the first?",
        "What would beta = 0.9 and beta = 0 do differently in your code?",
        "Keep the old velocity: multiply it by beta instead of emptying it, and then add the gradient.",
    ),
)
def velocity_reset(params, grads, velocities, lr, beta):
    """Your velocity forgets: after each step it is the newest gradient alone, whatever it was before and whatever beta
    is. That is plain gradient descent. The old velocity should fade by the factor beta and stay in the sum."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.zero_().add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set lr = 0. Do the weights stay where they are?",
        "Which of the two numbers makes old gradients fade, and which makes the step long?",
        "beta belongs to the velocity and lr to the weights. In yours they stand in each other's place.",
    ),
)
def swapped_lr_and_beta(params, grads, velocities, lr, beta):
    """lr and beta stand in each other's place: your velocity fades by lr, and your weights move by beta times the
    velocity. So a smaller learning rate does not shorten the newest step. Look at which of the two belongs to which
    line."""
    _expect_step(lr, beta)
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
        "Move the weights by lr times the new velocity, and by nothing else. Looking ahead is the next exercise.",
    ),
)
def momentum_is_nesterov(params, grads, velocities, lr, beta):
    """Your weights take Nesterov's step, which looks ahead by one more beta. The heavy ball moves by the new velocity
    alone. The formula that you used belongs to the next exercise."""
    _expect_step(lr, beta)
    _nesterov(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent?",
        "How long does your velocity remember the very first gradient?",
        "Multiply the old velocity by beta before you add the gradient.",
    ),
)
def velocity_never_fades(params, grads, velocities, lr, beta):
    """Your velocity never fades: it is the plain sum of all gradients, and beta has no influence. A ball without
    friction swings for ever. Look at what happens to the old velocity before the gradient is added."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Set beta = 0. Do you get gradient descent, or no movement at all?",
        "What is multiplied by beta: the old velocity, or the sum of it and the new gradient?",
        "First multiply the velocity by beta, then add the gradient. In yours it is the other way round.",
    ),
)
def gradient_fades_too(params, grads, velocities, lr, beta):
    """Your new gradient fades as soon as it arrives: it is multiplied by beta together with the old velocity. With beta
    = 0 nothing moves at all. Look at the order of the two operations in the first line."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.add_(g).mul_(beta)
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    hints=(
        "Print the caller's weights before and after a step. Did they change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Change the weights by an operation that ends in an underscore, with autograd switched off.",
    ),
)
def weights_rebound(params, grads, velocities, lr, beta):
    """Your velocities are right, but the caller's weights stay where they were: the new values go into tensors of your
    own. A step must write into the tensors that it was given. See which of your operations change a tensor."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w = w - lr * v


@mistake(
    "momentum_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and velocities before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def momentum_out_of_place(params, grads, velocities, lr, beta):
    """The tensors that you were given hold the same weights and velocities after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v = beta * v + g
        w = w - lr * v


@mistake(
    "momentum_step",
    hints=(
        "Give it two weight tensors. What happens to the second?",
        "When does your loop end?",
        "Let the loop run through all tensors: nothing in its body may leave the function.",
    ),
)
def first_tensor_only(params, grads, velocities, lr, beta):
    """Only the first weight tensor moves, all others stay. A network has many of them, and each needs its step. Look at
    what ends your loop, or at which index you use in it."""
    _expect_step(lr, beta)
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
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Write only into the velocity and the weights. What you compute from the gradient needs a tensor of its own.",
    ),
)
def momentum_in_gradients(params, grads, velocities, lr, beta):
    """Your step is right, but it changes the gradients on the way: the velocity is built up in the gradient's own
    tensor. The caller may still need them, to log their size or for a second optimizer. Look at which tensor you write
    into."""
    _expect_step(lr, beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.copy_(g.add_(beta * v))
            w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="velocity_is_the_gradient",
    hints=(
        "Take a step from a zero velocity, then write other numbers into the gradient's tensor. What does the velocity hold?",
        "The next backward pass may write into the same tensor. To which tensors do the numbers of your velocity belong?",
        "Copy the gradient's numbers into the velocity's own tensor, as `copy_` does, also in the first step.",
    ),
)
def velocity_is_the_gradient(params, grads, velocities, lr, beta):
    """After a step from a zero velocity, your velocity shares its memory with the gradient. As soon as the next backward pass
    writes into that, your velocity has changed, too, and your next step changes the gradient. Each needs its own memory."""
    _expect_step(lr, beta)
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
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def momentum_of_flat_copies(params, grads, velocities, lr, beta):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_step(lr, beta)
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
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def momentum_with_autograd(params, grads, velocities, lr, beta):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_step(lr, beta)
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.sub_(lr * v)


@mistake(
    "momentum_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values of lr must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def momentum_with_negative_lr(params, grads, velocities, lr, beta):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_beta(beta)
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="beta_one_accepted",
    hints=(
        "What does the velocity do under a constant gradient with beta = 1?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse beta = 1, too, with a ValueError that names `beta`.",
    ),
)
def momentum_without_friction(params, grads, velocities, lr, beta):
    """You accept beta = 1. Then nothing ever fades, and under a constant gradient the velocity grows without bound. The
    allowed interval is open at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 <= beta <= 1:
        raise ValueError("beta must be in [0, 1)")
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    hints=(
        "What should beta = 0 give? Is there anything wrong with it?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Allow beta = 0; it is gradient descent.",
    ),
)
def zero_beta_refused(params, grads, velocities, lr, beta):
    """You refuse beta = 0. That is a valid choice: without memory the heavy ball is plain gradient descent. The allowed
    interval is closed at this end: compare your check with the docstring."""
    _expect_lr(lr)
    if not 0 < beta < 1:
        raise ValueError("beta must be between 0 and 1")
    _heavy_ball(params, grads, velocities, lr, beta)


@mistake(
    "momentum_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with beta = 1.5?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check lr and beta, and raise a ValueError that names the one that is wrong.",
    ),
)
def momentum_unchecked(params, grads, velocities, lr, beta):
    """You refuse nothing: a negative lr and a beta outside [0, 1) get through. They turn steps uphill or let the
    velocity grow for ever, and the caller is not told. See in the docstring what must be raised, and when."""
    _heavy_ball(params, grads, velocities, lr, beta)
