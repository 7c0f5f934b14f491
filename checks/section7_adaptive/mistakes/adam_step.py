"""Mistakes in adam_step."""

import math

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_eps, _expect_lr, _expect_share


def _expect_adam(step, lr, beta1, beta2, eps):
    if not step >= 1:
        raise ValueError("step counts from 1")
    _expect_lr(lr)
    _expect_share("beta1", beta1)
    _expect_share("beta2", beta2)
    _expect_eps(eps)


def _moments(g, m, v, beta1, beta2):
    """The right lines for both moments."""
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g**2)


def _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Both averages start at zero. How large are they after one step, next to the gradient and its square?",
        "Divide each moment by 1 minus its beta to the power of the step before you use it.",
    ),
)
def no_bias_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You leave out the bias correction. Both moments start at zero and are too small at first, the second one far more
    so: with the default betas your first step is three times too long. Look at the two values with a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct, and which not?",
        "Divide the first moment, too, by 1 minus its beta to the power of the step.",
    ),
)
def first_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the second moment only. The first one starts at zero as well, so the first steps are too short: the
    very first goes 1 - beta1 times as far as it should. Both values in the last formula wear a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct, and which not?",
        "Divide the second moment, too, by 1 minus its beta to the power of the step, before the root.",
    ),
)
def second_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the first moment only. The second starts at zero as well, so you divide by too little, and the first
    steps are far too long: with the default betas the very first goes thirty times too far. Both values in the last
    formula wear a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Print both moments after one step from zero, and compute them by hand.",
        "The next step goes on from the moments. From the corrected ones?",
        "Put the corrected values into new tensors, and leave the moments as they are.",
    ),
)
def corrected_moments_kept(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You write the corrected moments back into the state. The next step corrects them again, so the bias is taken away
    over and over. The values with a hat are for this step only: look at what your division changes."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            m.div_(1 - beta1**step)
            v.div_(1 - beta2**step)
            w.sub_(lr * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What is beta1 to the power of the step in the first step, and what is it in yours?",
        "How far does your very first step go? It should go lr.",
        "Use `step` as it is, without adding 1: it counts from 1 already.",
    ),
)
def counts_from_zero(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is one step ahead, as if `step` counted from 0. It counts from 1 here, so nothing has to be
    added. Check what the correction is in the first step."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 ** (step + 1)) / ((v / (1 - beta2 ** (step + 1))).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Does your correction change from step to step?",
        "What happens to the bias after a thousand steps, and what to your correction?",
        "Raise each beta to the power of the step.",
    ),
)
def correction_without_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is the same in every step: it divides by 1 - beta, and the number of the step is not in it.
    That is right in the first step only. The bias fades as the averages fill: look at the exponent in the formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1) / ((v / (1 - beta2)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What is your correction in step 2 with beta1 = 0.9? Is it positive?",
        "Does the step stand beside beta in the formula, or above it?",
        "Raise each beta to the power of the step, instead of multiplying by it.",
    ),
)
def beta_times_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction multiplies beta by the step where the formula has a power. In the first step both are the
    same; from the second on, yours goes below zero for a large beta. Look at the exponent."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 * step) / ((v / (1 - beta2 * step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which comes first in the formula: the correction of the second moment, or the root?",
        "Correct the second moment first, and take the root of the corrected value.",
    ),
)
def corrected_after_the_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You take the root first and correct the second moment afterwards. The correction then misses its own root, so
    that you divide by too much. The hat in the formula is on the value under the root."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "Take a large eps, 0.1 say, and do the first step by hand. Where do you differ?",
        "You moved the correction into the learning rate. What does eps stand beside then?",
        "Correct the second moment before the root, and add eps to the root of the corrected value.",
    ),
)
def eps_before_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps is added to the root of the uncorrected second moment, with the correction in front of the fraction. The
    paper mentions this as a shorter way, but with another eps: in the first steps yours weighs far more. Here it stands
    beside the corrected root."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * math.sqrt(1 - beta2**step) / (1 - beta1**step) * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    slug="eps_inside_root",
    hints=(
        "Take a large eps, 1 say, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the second moment, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def adam_eps_inside_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your eps stands under the root. Then it has the unit of a squared gradient, and weighs far more while gradients
    are small. Here it is added to the root. Look at what you take the root of."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps).sqrt())


@mistake(
    "adam_step",
    slug="root_forgotten",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "A gradient divided by which power of a gradient has no unit?",
        "Divide by the root of the corrected second moment.",
    ),
)
def adam_without_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You divide by the second moment itself, without the root. Then the steps depend on the scale of the loss: the
    larger the gradients, the shorter they are. Look at the denominator of the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "How large is your second moment after the gradients 1 and -1? Compute it by hand, too.",
        "What is averaged in the second moment: squares of gradients, or squares of averages?",
        "Let the square of the new gradient enter the second moment.",
    ),
)
def second_moment_of_the_first(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the first moment, not of the gradients. Where gradients change sign
    the first moment is small, so you divide by far too little. The square of an average is not the average of squares:
    see what enters."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * m**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "In the first step yours is right. In which quantity does the second differ from a calculation by hand?",
        "What is averaged in the second moment: squares of gradients, or squares of corrected averages?",
        "Let the square of the new gradient enter the second moment.",
    ),
)
def second_moment_of_the_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the corrected first moment, not of the gradients. In the first step
    from zero both are the same; later, where gradients change sign, you divide by far too little. Look at what enters
    the second moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            m_hat = m / (1 - beta1**step)
            v.mul_(beta2).add_((1 - beta2) * m_hat**2)
            w.sub_(lr * m_hat / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Which of your two averages remembers longer?",
        "Set beta1 = 0. Which of your averages has no memory then?",
        "beta1 belongs to the gradients, and beta2 to their squares, also in the corrections.",
    ),
)
def betas_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """beta1 and beta2 stand in each other's place: your average of gradients fades by beta2, and that of their squares
    by beta1. With the defaults the direction then lags a thousand steps behind. Look at which beta belongs to which
    moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta2, beta1, eps)


@mistake(
    "adam_step",
    slug="shares_swapped",
    hints=(
        "With beta1 = 0.9, how much of the old first moment is left after one step of yours?",
        "Is beta the share of the old average, or of the new gradient?",
        "Each beta belongs to the old moment, and 1 minus beta to what is new.",
    ),
)
def adam_shares_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """In both moments, beta and 1 - beta stand in each other's place: you keep 1 - beta of the old average. With the
    default betas both forget nearly everything in each step. Look at which of the two belongs to the old moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, 1 - beta1, 1 - beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Push many times with a gradient of 1. Where does your first moment settle?",
        "Does momentum in section 4 add or average? And Adam?",
        "Give the new gradient the weight 1 - beta1.",
    ),
)
def whole_gradient_added(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your first moment adds the whole gradient, as the heavy ball of section 4 does. In Adam it is an average, so that
    the step does not grow with beta1; the bias correction is made for that. Look at what the new gradient is multiplied
    by."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_(g)
            v.mul_(beta2).add_((1 - beta2) * g**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What would beta1 = 0.9 and beta1 = 0 do differently to your weights?",
        "Your first moment is kept well. Where is it used?",
        "Put the corrected first moment above the fraction line, in place of the gradient.",
    ),
)
def gradient_above_the_line(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights move by the newest gradient: the first moment is kept, but never used. That is RMSprop with a bias
    correction. Look at what stands above the fraction line in the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * g / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Take a gradient of 3 after one of 1. Which of them does your step know of?",
        "Which moments does the last formula use, those before the first two lines or after them?",
        "Update both moments first, then correct them and move the weights.",
    ),
)
def old_moments_used(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights move by the old moments, and the new gradient comes too late: it counts only from the next step on.
    In the first step, from zero, nothing moves at all. The order of the lines matters."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))
            _moments(g, m, v, beta1, beta2)


@mistake(
    "adam_step",
    hints=(
        "Keep the tensor `m = first_moments[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both new moments into the tensors that you were given, with operations that end in an underscore.",
    ),
)
def moments_rebound(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your new moments are new tensors: the weights move by them, but the tensors that you were given keep the old ones.
    Whoever goes on from those has the old moments again, and nothing is remembered. See which of your operations change a
    tensor, and which make a new one."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m, v = m.clone(), v.clone()
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which second moments do you get?",
        "For how many weights is one learning rate meant here?",
        "Square element by element, and average over steps only.",
    ),
)
def one_second_moment_per_tensor(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """All weights of a tensor share one second moment in your code: you take the mean of the squares over the tensor.
    Adam keeps one for each weight, so that each has a rate of its own. Look for a mean over the gradient."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * (g**2).mean())
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, with both moments zero. Where is your weight after one step?",
        "The first moment is an average of gradients, and points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def adam_ascent(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights climb: the step is added to them. The first moment is an average of gradients and points uphill, so
    the weights must move against it. Look at the sign in the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, -lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and moments before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write all new values into the given tensors, with operations that end in an underscore.",
    ),
)
def adam_out_of_place(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """The tensors that you were given hold the same weights and moments after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_adam(step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the square of the gradient in a tensor of its own.",
    ),
)
def adam_in_gradients(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step is right, but it squares the gradients in place on the way. The caller may still need them, to log
    their size or for a second optimizer. Look at which tensor you write into."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
    for g in grads:
        g.pow_(2)


@mistake(
    "adam_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def adam_of_flat_copies(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_adam(step, lr, beta1, beta2, eps)
    lists = ([t.detach().reshape(-1) for t in tensors] for tensors in (params, grads, first_moments, second_moments))
    _adam(*lists, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def adam_with_autograd(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_adam(step, lr, beta1, beta2, eps)
    for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
        _moments(g, m, v, beta1, beta2)
        w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What do your weights become for step = 0?",
        "From which number does `step` count, and what is 1 minus beta to the power of 0?",
        "Before anything is changed, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept step = 0. The bias correction then divides by zero, and without a word the weights are no longer
    numbers. Steps count from 1: see in the docstring which values must be refused."""
    _expect_adam(max(step, 1), lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "What happens when you call it with step = 0?",
        "Who complains, you or Python? Does the message say which argument is wrong?",
        "Before anything is changed, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_divides(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """With step = 0 your bias correction divides by zero, and Python's own error comes out. A caller should learn from
    a ValueError that `step` is what is wrong, before anything has changed. Steps count from 1: look at what you
    check."""
    _expect_adam(max(step, 1), lr, beta1, beta2, eps)
    lr = lr / (1 - beta1**step)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adam_with_negative_lr(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_adam(step, 0.0, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "With beta1 = 1, what does your first moment ever learn of a gradient, and what is its correction?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse 1, too, for both betas, with a ValueError that names the one that is wrong.",
    ),
)
def beta1_one_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept beta1 = 1. Then the first moment never takes in a gradient, and its bias correction divides zero by
    zero. The allowed interval is open at this end: compare your checks of both betas with the docstring."""
    _expect_adam(step, lr, 0.0 if beta1 == 1 else beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with step = 0?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def adam_unchecked(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You refuse nothing: a step of 0, a negative lr or eps and betas outside [0, 1) get through. They turn steps
    uphill or into something that is no number, and the caller is not told. See in the docstring what must be raised,
    and when."""
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
