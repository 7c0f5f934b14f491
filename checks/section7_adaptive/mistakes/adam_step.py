"""Mistakes in adam_step."""

import math

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_eps, expect_lr, expect_share


def _expect_adam(step, lr, beta1, beta2, eps):
    if not step >= 1:
        raise ValueError("step counts from 1")
    expect_lr(lr)
    expect_share("beta1", beta1)
    expect_share("beta2", beta2)
    expect_eps(eps)


def _moments(g, m, v, beta1, beta2):
    """The right lines for both moments."""
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g**2)


def _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps):
    """The right step, without tests of the arguments."""
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "With the default betas, how long is your first step? It should be lr.",
        "Both averages start at zero. After one step, how large are they compared with the gradient and its square?",
        "Divide each moment by 1 minus its beta to the power of the step before you use it.",
    ),
)
def no_bias_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You leave out the bias correction. Both moments start at zero and are too small at first, the second one much
    more so: with the default betas, your first step is three times too long. Check the two values with a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct?",
        "Divide the first moment, too, by 1 minus its beta to the power of the step.",
    ),
)
def first_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the second moment only. The first one also starts at zero, so the first steps are too short: the very
    first is 1 - beta1 times as long as it should be. Both values in the last formula have a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which of the two moments do you correct?",
        "Divide the second moment, too, by 1 minus its beta to the power of the step, before the root.",
    ),
)
def second_moment_not_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """You correct the first moment only. The second one also starts at zero, so you divide by too little, and the first
    steps are too long: with the default betas, the very first is thirty times too long. Both values in the last formula
    have a hat."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Print both moments after one step from zero, and compute them by hand.",
        "The next step starts from the moments. Should it start from corrected moments?",
        "Store the corrected values in new tensors, and do not change the moments.",
    ),
)
def corrected_moments_kept(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You write the corrected moments back into the state, so the next step corrects them again. The values with a hat
    are for this step only. Check which tensor your division changes."""
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
        "What is beta1 to the power of the step in the first step? What is it in your code?",
        "How long is your very first step? It should be lr.",
        "Use `step` without adding 1: it already counts from 1.",
    ),
)
def counts_from_zero(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is one step ahead, as if `step` counted from 0. It counts from 1 here, so add nothing. Check
    the correction in the first step."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 ** (step + 1)) / ((v / (1 - beta2 ** (step + 1))).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Does your correction change from step to step?",
        "After a thousand steps, how large is the bias, and how large is your correction?",
        "Raise each beta to the power of the step.",
    ),
)
def correction_without_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction is the same in every step: it divides by 1 - beta and does not use `step`. That is right in
    the first step only, since the bias shrinks with time. Check the exponent in the formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1) / ((v / (1 - beta2)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What is your correction in step 2 with beta1 = 0.9? Is it positive?",
        "Does the formula multiply beta by the step, or use the step as an exponent?",
        "Raise each beta to the power of the step.",
    ),
)
def beta_times_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction multiplies beta by the step, but the formula has a power. The first step is the same; from
    the second on, your correction is negative for a large beta. Check the exponent."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1 * step) / ((v / (1 - beta2 * step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "How far does your very first step go, with the default betas? It should go lr.",
        "Which comes first in the formula: the correction of the second moment or the root?",
        "Correct the second moment first, and take the root of the corrected value.",
    ),
)
def corrected_after_the_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You take the root first and correct the second moment afterwards. Then the correction itself has no root, and you
    divide by too much. In the formula, the value under the root is already corrected."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v.sqrt() / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "Use a large eps, such as 0.1, and do the first step by hand. Where does your result differ?",
        "You moved the correction into the learning rate. To which value do you now add eps?",
        "Correct the second moment before the root, and add eps to the root of the corrected value.",
    ),
)
def eps_before_correction(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You add eps before correcting v: eps stands next to the uncorrected root. The paper mentions this as a shortcut
    with another eps; in the first steps your eps has a much larger effect. Here eps is added to the corrected root."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * math.sqrt(1 - beta2**step) / (1 - beta1**step) * m / (v.sqrt() + eps))


@mistake(
    "adam_step",
    slug="eps_inside_root",
    hints=(
        "Use a large eps, such as 1, and compute the denominator by hand. What does your code give?",
        "Do you add eps to the second moment, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def adam_eps_inside_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You add eps under the root. Then it has the unit of a squared gradient, and a much larger effect while gradients
    are small. Here eps is added to the root. Check the argument of your root."""
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
        "By which power of a gradient must you divide a gradient to cancel its unit?",
        "Divide by the root of the corrected second moment.",
    ),
)
def adam_without_root(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You divide by the second moment, without the root. So the steps depend on the scale of the loss: larger gradients
    give shorter steps. Check the denominator of the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / (v / (1 - beta2**step) + eps))


@mistake(
    "adam_step",
    hints=(
        "How large is your second moment after the gradients 1 and -1? Compare with a calculation by hand.",
        "Does the second moment average the squares of gradients, or the squares of averages?",
        "Use the square of the new gradient in the second moment.",
    ),
)
def second_moment_of_the_first(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the first moment, not of the gradients. Where gradients change sign,
    the first moment is small, so you divide by far too little. The square of an average is not the average of squares:
    use the new gradient."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * m**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Your first step is right. In which quantity does the second differ from a calculation by hand?",
        "Does the second moment average the squares of gradients, or the squares of corrected averages?",
        "Use the square of the new gradient in the second moment.",
    ),
)
def second_moment_of_the_corrected(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Your second moment averages the squares of the corrected first moment, not of the gradients. The first step from
    zero is the same; later, where gradients change sign, you divide by far too little. Use the square of the new
    gradient."""
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
        "Which of your two averages has the longer memory?",
        "Set beta1 = 0. Which of your averages has no memory then?",
        "beta1 belongs to the gradients and beta2 to their squares, also in the corrections.",
    ),
)
def betas_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You swapped beta1 and beta2: your average of gradients uses beta2, and the average of squares uses beta1. With
    the defaults, the direction then averages about a thousand old gradients. Check which beta belongs to which
    moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta2, beta1, eps)


@mistake(
    "adam_step",
    slug="shares_swapped",
    hints=(
        "With beta1 = 0.9, how much of the old first moment remains after one of your steps?",
        "Is beta the factor of the old average, or of the new gradient?",
        "Multiply each old moment by beta, and the new value by 1 - beta.",
    ),
)
def adam_shares_swapped(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You swapped beta and 1 - beta in both moments: you multiply the old average by 1 - beta. With the default betas,
    both averages then forget nearly everything in each step. Check the factor of the old moment."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, 1 - beta1, 1 - beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Take many steps with a gradient of 1. Which value does your first moment approach?",
        "In section 4, does momentum use a sum or an average? And in Adam?",
        "Multiply the new gradient by 1 - beta1.",
    ),
)
def whole_gradient_added(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your first moment adds the whole gradient, as in section 4. In Adam it is an average, so that the step does not
    grow with beta1; the bias correction assumes an average. Check the factor of the new gradient."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_(g)
            v.mul_(beta2).add_((1 - beta2) * g**2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Does your code move the weights differently for beta1 = 0.9 and beta1 = 0?",
        "You update the first moment. Where do you use it?",
        "Use the corrected first moment in the numerator, in place of the gradient.",
    ),
)
def gradient_above_the_line(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You move the weights by the newest gradient: you update the first moment, but never use it. That is RMSprop with
    a bias correction. Check the numerator of the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * g / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Use a gradient of 1 and then a gradient of 3. On which of them does your second step depend?",
        "Does the last formula use the moments before or after the first two lines?",
        "Update both moments first, then correct them and move the weights.",
    ),
)
def old_moments_used(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You move the weights by the old moments, so a new gradient has no effect until the next step. In the first step,
    from zero, nothing moves at all. Update the moments first."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))
            _moments(g, m, v, beta1, beta2)


@mistake(
    "adam_step",
    hints=(
        "Keep the tensor `m = first_moments[0]` before a step, and print it afterwards. Does it change?",
        "An assignment to a name or a list entry uses a new tensor; the caller's tensor does not change.",
        "Write both new moments into the caller's tensors, with operations that end in an underscore.",
    ),
)
def moments_rebound(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You store the new moments in new tensors: the weights move, but the caller's tensors keep the old moments. So the
    next step starts from the old moments again. Check which of your operations change a tensor, and which make a new
    one."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m, v = m.clone(), v.clone()
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Use a tensor with two weights and the gradients 1 and 100. Which second moments do you get?",
        "How many weights share one effective learning rate?",
        "Square element by element, and average over the steps only.",
    ),
)
def one_second_moment_per_tensor(
    params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8
):
    """All weights of a tensor share one second moment: you take the mean of the squares over the tensor. Adam keeps a
    second moment for each weight, so that each weight has its own rate. Check your code for a mean over the
    gradient."""
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
        "Let w = 1 on the bowl w^2, with both moments zero. Where is your weight after one step?",
        "The first moment is an average of gradients and points uphill. In which direction should the weights move?",
        "Subtract the step from the weights.",
    ),
)
def adam_ascent(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your weights go uphill: you add the step. The first moment is an average of gradients and points uphill, so the
    weights must move against it. Check the sign in the last formula."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, -lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and moments before and after a step. Do they change?",
        "An assignment, to a name or into a list, makes a new tensor; the caller's tensor stays as it was.",
        "Write all new values into the caller's tensors, with operations that end in an underscore.",
    ),
)
def adam_out_of_place(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step does not change the caller's weights and moments. A step works in place: write the new values into the
    caller's tensors, not into new ones."""
    _expect_adam(step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which tensor is that in your code?",
        "Compute the square of the gradient in a new tensor.",
    ),
)
def adam_in_gradients(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step is right, but you square the gradients in place. The caller may still need the gradients. Check which
    tensor you write to."""
    _expect_adam(step, lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
    for g in grads:
        g.pow_(2)


@mistake(
    "adam_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does the tensor change?",
        "For a transposed matrix, does `reshape(-1)` give a view or a copy?",
        "The rule works element by element, in any shape. You need not flatten.",
    ),
)
def adam_of_flat_copies(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your step does not change non-contiguous tensors: you write into a copy. For them, `reshape`, `flatten` or
    `contiguous` may return a copy and not a view. Write into the caller's tensors themselves, in their own shape."""
    _expect_adam(step, lr, beta1, beta2, eps)
    lists = ([t.detach().reshape(-1) for t in tensors] for tensors in (params, grads, first_moments, second_moments))
    _adam(*lists, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses an in-place change of a leaf that it records, and its conversion to numpy.",
        "Make the update in a block in which autograd records nothing.",
    ),
)
def adam_with_autograd(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your update fails on parameters that require grad, as in every network: autograd tries to record it, and refuses.
    An update is not part of the function that you differentiate, so do not record it."""
    _expect_adam(step, lr, beta1, beta2, eps)
    for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
        _moments(g, m, v, beta1, beta2)
        w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "What are your weights after a step with step = 0?",
        "From which number does `step` count? What is 1 minus beta to the power of 0?",
        "Before you change anything, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept step = 0. The bias correction then divides by zero, and the weights become NaN without an error. Steps
    count from 1: check in the docstring which values to refuse."""
    _expect_adam(max(step, 1), lr, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "What happens when you call it with step = 0?",
        "Does your code raise the error, or Python? Does the message name the wrong argument?",
        "Before you change anything, raise a ValueError that names `step` if it is below 1.",
    ),
)
def step_zero_divides(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """With step = 0 your bias correction divides by zero, and Python raises its own error. Raise a ValueError that
    names `step`, before you change anything. Steps count from 1: check which arguments you test."""
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
        "Which values does the docstring say to refuse?",
        "Before you change anything, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adam_with_negative_lr(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, without an error. Check in the docstring which
    values to refuse, and with which error."""
    _expect_adam(step, 0.0, beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "With beta1 = 1, how does a new gradient change your first moment? What is its correction?",
        "The interval is [0, 1). Which of its ends belongs to it?",
        "Refuse 1, too, for both betas, with a ValueError that names the wrong one.",
    ),
)
def beta1_one_accepted(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept beta1 = 1. Then no gradient enters the first moment, and its bias correction divides zero by zero. The
    allowed interval excludes 1: compare your tests of both betas with the docstring."""
    _expect_adam(step, lr, 0.0 if beta1 == 1 else beta1, beta2, eps)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do? And a call with step = 0?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, test each argument, and raise a ValueError that names the wrong one.",
    ),
)
def adam_unchecked(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """You accept a step of 0, a negative lr or eps, and betas outside [0, 1). They turn steps uphill or give NaN,
    without an error. Check in the docstring which error to raise, and when."""
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)


@mistake(
    "adam_step",
    hints=(
        "Let m = v = 0, beta1 = 0.9, beta2 = 0.9 and g = 1. What is your v? It should be 0.1.",
        "Of which quantity is v the average of squares?",
        "Average g^2, without subtracting m.",
    ),
)
def square_of_the_deviation(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your second moment averages (g - m)^2, the distance from the first moment: that is the method AdaBelief. Adam averages
    g^2. Under a constant gradient your v goes to zero, and your steps grow."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            m.mul_(beta1).add_((1 - beta1) * g)
            v.mul_(beta2).add_((1 - beta2) * (g - m) ** 2)
            w.sub_(lr * m / (1 - beta1**step) / ((v / (1 - beta2**step)).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Compute the correction of the first moment by hand for step = 2 and beta1 = 0.9. It divides by 0.19.",
        "Which part of 1 - beta^t has the exponent?",
        "Take the power of beta alone, and subtract it from 1.",
    ),
)
def power_of_the_share(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your bias correction divides by (1 - beta)^step: the exponent covers the whole difference. The first step is the same;
    after that the correction becomes larger and larger instead of fading. Check what the exponent belongs to."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w, g, m, v in zip(params, grads, first_moments, second_moments, strict=True):
            _moments(g, m, v, beta1, beta2)
            w.sub_(lr * m / (1 - beta1) ** step / ((v / (1 - beta2) ** step).sqrt() + eps))


@mistake(
    "adam_step",
    hints=(
        "Take a gradient of zero, and moments of zero. Does a weight of 2 move?",
        "Which term of your update contains the weight itself?",
        "Leave out the weight decay.",
    ),
)
def decay_as_in_adamw(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    """Your moments are right, but each step also multiplies the weights by 1 - 0.01 * lr. This is the weight decay of AdamW,
    and Adam has none. Compare your function with the formula for `w`."""
    _expect_adam(step, lr, beta1, beta2, eps)
    with torch.no_grad():
        for w in params:
            w.mul_(1 - 0.01 * lr)
    _adam(params, grads, first_moments, second_moments, step, lr, beta1, beta2, eps)
