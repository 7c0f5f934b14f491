"""Mistakes in rmsprop_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import adagrad_update, expect_eps, expect_lr, expect_share


def _expect_rmsprop(lr, alpha, eps):
    expect_lr(lr)
    expect_share("alpha", alpha)
    expect_eps(eps)


def _rmsprop(params, grads, square_averages, lr, alpha, eps):
    """The right step, without tests of the arguments."""
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="eps_inside_root",
    hints=(
        "Let the average be 9 and eps = 1, and compute the denominator by hand. What does your code give?",
        "Do you add eps to the average of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def rmsprop_eps_inside_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You add eps under the root. Some texts do this, but then eps has the unit of a squared gradient and a much larger
    effect while the averages are small. Here, as in PyTorch, eps is added to the root. Check the argument of your
    root."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s + eps).sqrt())


@mistake(
    "rmsprop_step",
    slug="root_forgotten",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "RMS means root mean square. Which part is missing?",
        "Divide by the root of the average.",
    ),
)
def rmsprop_without_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You divide by the mean square, without the root. So the steps depend on the scale of the loss: larger gradients
    give shorter steps. Check the denominator of the formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "From an average of zero, how long is your first step?",
        "Does the second formula use the average before or after the first formula?",
        "Update the average with the new square first, then move the weights.",
    ),
)
def old_average_used(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You move the weights before the new square enters the average. In the first step the average is still zero, so
    you divide by eps only, and the step is huge. Exchange the two lines."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.mul_(alpha).add_((1 - alpha) * g**2)


@mistake(
    "rmsprop_step",
    slug="shares_swapped",
    hints=(
        "With alpha = 0.99, how much of the old average remains after one of your steps?",
        "About 1 / (1 - alpha) steps should count as recent. How many count in your code?",
        "Multiply the old average by alpha, and the new square by 1 - alpha.",
    ),
)
def rmsprop_shares_swapped(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You swapped alpha and 1 - alpha: you multiply the old average by 1 - alpha. With alpha = 0.99, the average then
    forgets nearly everything in each step. Check the factor of the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 1 - alpha, eps)


@mistake(
    "rmsprop_step",
    slug="squares_not_accumulated",
    hints=(
        "Does your code give different results for alpha = 0.99 and alpha = 0?",
        "After two steps, does your average depend on both squares, or on one?",
        "Multiply the old average by alpha, and add (1 - alpha) * g^2.",
    ),
)
def rmsprop_without_memory(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your average is only the newest square, for every alpha: you replace the old average. So every step has nearly
    the length lr, for small and large gradients. Check your line that changes the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 0.0, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Take a hundred steps with the same gradient. Do your steps keep getting shorter?",
        "Is your state a sum or an average? What does alpha change in it?",
        "Multiply the old average by alpha, and the new square by 1 - alpha.",
    ),
)
def sum_as_in_adagrad(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your state is a plain sum of squares, as in Adagrad, and alpha has no effect. A single large gradient then slows
    its weight down for ever, and RMSprop is made to prevent that. Compare the first formula with your code."""
    _expect_rmsprop(lr, alpha, eps)
    adagrad_update(params, grads, square_averages, lr, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Take many steps with a gradient of 1. Which value does your state approach?",
        "The factors in an average add up to 1. Do yours?",
        "Multiply the new square by 1 - alpha.",
    ),
)
def whole_square_added(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You add the whole new square to alpha times the state, as momentum does with gradients. That is no average: it
    grows up to 1 / (1 - alpha) times the square, and the steps become too short. Check the factor of the new square."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="not_squared",
    hints=(
        "What does your average hold after a gradient of -3?",
        "RMS means root mean square. Which part is missing?",
        "Square each entry of the gradient before it enters the average.",
    ),
)
def rmsprop_not_squared(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You average the gradients themselves, not their squares. Gradients of opposite sign cancel, and the root of a
    negative average is NaN. The average should measure the size of the gradients, without their sign."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Keep the tensor `s = square_averages[0]` before a step, and print it afterwards. Does it change?",
        "An assignment to a name or a list entry uses a new tensor; the caller's tensor does not change.",
        "Write the new average into the caller's tensor, with operations that end in an underscore.",
    ),
)
def average_rebound(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You store the new average in a new tensor: the weights move, but the caller's tensor keeps the old average. So
    the next step starts from the old average again. Check which of your operations change a tensor, and which make a
    new one."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s = alpha * s + (1 - alpha) * g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="root_kept_in_state",
    hints=(
        "Print the state after one step, and compute it by hand. Is yours the root of it?",
        "An operation that ends in an underscore changes the tensor itself. Should the state hold the root?",
        "Store the root in a new tensor, and keep the average of squares.",
    ),
)
def rmsprop_keeps_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You take the root in place, so the state holds the root after the step. The next step then averages a root with a
    square. The state must stay an average of squares: store the root in a new tensor."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Use a tensor with two weights and the gradients 1 and 100. Which averages do you get?",
        "The M in RMSprop is a mean. Is it over the weights of a tensor, or over steps?",
        "Square element by element, and average over the steps only.",
    ),
)
def mean_over_the_tensor(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """All weights of a tensor share one average: you take the mean of the squares over the tensor. The mean in RMSprop
    is over steps, for each weight separately. Check your code for a mean over the gradient."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * (g**2).mean())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="ascent",
    hints=(
        "Let w = 1 on the bowl w^2, with an average of zero. Where is your weight after one step?",
        "A gradient points uphill. In which direction should the weights move?",
        "Subtract the step from the weights.",
    ),
)
def rmsprop_ascent(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your weights go uphill: you add the step. A gradient points uphill, and a division by a positive number does not
    change its direction. Check the sign in the second formula."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, -lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and averages before and after a step. Do they change?",
        "An assignment, to a name or into a list, makes a new tensor; the caller's tensor stays as it was.",
        "Write all new values into the caller's tensors, with operations that end in an underscore.",
    ),
)
def rmsprop_out_of_place(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your step does not change the caller's weights and averages. A step works in place: write the new values into the
    caller's tensors, not into new ones."""
    _expect_rmsprop(lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which tensor is that in your code?",
        "Compute the step in a new tensor.",
    ),
)
def rmsprop_in_gradients(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your step is right, but you compute it in the gradient's own tensor, so afterwards the gradients hold the steps.
    The caller may still need the gradients. Check which tensor you write to."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does the tensor change?",
        "For a transposed matrix, does `reshape(-1)` give a view or a copy?",
        "The rule works element by element, in any shape. You need not flatten.",
    ),
)
def rmsprop_of_flat_copies(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your step does not change non-contiguous tensors: you write into a copy. For them, `reshape`, `flatten` or
    `contiguous` may return a copy and not a view. Write into the caller's tensors themselves, in their own shape."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for tensors in zip(params, grads, square_averages, strict=True):
            w, g, s = (tensor.detach().reshape(-1) for tensor in tensors)
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses an in-place change of a leaf that it records, and its conversion to numpy.",
        "Make the update in a block in which autograd records nothing.",
    ),
)
def rmsprop_with_autograd(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your update fails on parameters that require grad, as in every network: autograd tries to record it, and refuses.
    An update is not part of the function that you differentiate, so do not record it."""
    _expect_rmsprop(lr, alpha, eps)
    for w, g, s in zip(params, grads, square_averages, strict=True):
        s.mul_(alpha).add_((1 - alpha) * g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Which alpha does your function use by default?",
        "The first lecture on RMSprop used 0.9. Which default does this exercise have?",
        "Use the default of the original signature: 0.99.",
    ),
)
def alpha_of_the_lecture(params, grads, square_averages, lr, alpha=0.9, eps=1e-8):
    """Your default alpha is 0.9, as in Hinton's lecture and some libraries. Here, as in PyTorch, it is 0.99, so ten
    times as many steps count as recent. Compare your signature with the original one."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def rmsprop_with_negative_lr(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, without an error. Check in the docstring which
    values to refuse, and with which error."""
    _expect_rmsprop(0.0, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="alpha_one_accepted",
    hints=(
        "With alpha = 1, how does a new gradient change your state?",
        "The interval is [0, 1). Which of its ends belongs to it?",
        "Refuse alpha = 1, too, with a ValueError that names `alpha`.",
    ),
)
def rmsprop_with_alpha_one(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept alpha = 1. Then no new square enters the average: from zero it stays zero, and you divide every
    gradient by eps only. The allowed interval excludes 1: compare your test with the docstring."""
    if alpha != 1:
        expect_share("alpha", alpha)
    _expect_rmsprop(lr, 0.5, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do? And a step with a negative eps?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, test each argument, and raise a ValueError that names the wrong one.",
    ),
)
def rmsprop_unchecked(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept a negative lr or eps, and an alpha outside [0, 1). They turn steps uphill or give NaN, without an
    error. Check in the docstring which error to raise, and when."""
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Start with an average of zero, alpha = 0.9 and g = 1. What is your average afterwards? It should be 0.1.",
        "Does your first step use another formula than the others?",
        "Use the formula of the average in every step, also in the first.",
    ),
)
def starts_with_first_square(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Where the average is still zero, you set it to the whole g^2. The formula takes only the share 1 - alpha of it, in every
    step. So your first step is lr, and the right one is lr / sqrt(1 - alpha)."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.copy_(alpha * s + (1 - alpha) * g**2 if s.any() else g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Start with an average of zero, alpha = 0.9 and g = 2. What is your average afterwards? It should be 0.4.",
        "RMS is the root of a mean of squares. Where is the square in your code, and where is the root?",
        "Average g^2, and divide by the root of the average.",
    ),
)
def mean_of_absolute_values(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You average the absolute values of the gradient. RMSprop averages the squares and divides by the root of this average: a
    root of a mean of squares is larger than a mean of absolute values."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g.abs())
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Let the average be 2, alpha = 0.5 and g = 4. What is your average afterwards? It should be 9.",
        "Is the square of a mean the same as the mean of the squares?",
        "Average the squares themselves. Take a root only for the step.",
    ),
)
def average_of_roots(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You average the roots: you mix the root of the old average with the absolute gradient, and square the result. RMSprop
    averages the squares themselves, and takes the root afterwards. Compare your line with the first formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.copy_((alpha * s.sqrt() + (1 - alpha) * g.abs()) ** 2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Start with an average of zero, alpha = 0.9 and g = 2. What is your average afterwards? It should be 0.4.",
        "Which operation joins the two parts of the formula: a sum, or a maximum?",
        "Add the two parts, with the factors alpha and 1 - alpha.",
    ),
)
def larger_of_both(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You keep the larger one of alpha * s and g^2. A maximum belongs to Adamax. RMSprop adds both parts, and gives the new
    square the factor 1 - alpha. Compare your line with the first formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.copy_(torch.maximum(alpha * s, g**2))
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Start with an average of zero, alpha = 0.5 and g = 2. What is your average afterwards? It should be 2.",
        "Is the square of a mean the same as the mean of the squares?",
        "Square the gradient first, and average the squares.",
    ),
)
def average_squared_afterwards(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You mix the root of the old average with the gradient, and square the mixture. In it, a gradient below zero cancels a part
    of the root. RMSprop squares each gradient first, and averages the squares. Compare your line with the first formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.copy_((alpha * s.sqrt() + (1 - alpha) * g) ** 2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Let the average be 2, alpha = 0.5 and g = 4. What is your average afterwards? It should be 9.",
        "In the formula, which of the two terms has a square?",
        "Square the gradient alone, before you weigh and add it.",
    ),
)
def whole_average_squared(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You square the whole average, so the old average, which holds squares already, is squared again in each step. Only the new
    gradient is squared. Look at where the square stands in the first formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.copy_((alpha * s + (1 - alpha) * g) ** 2)
            w.sub_(lr * g / (s.sqrt() + eps))
