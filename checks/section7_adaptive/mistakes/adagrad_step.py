"""Mistakes in adagrad_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import adagrad_update, expect_eps, expect_lr


@mistake(
    "adagrad_step",
    hints=(
        "Let s = 9, g = 4 and eps = 1, and compute the denominator by hand. What does your code give?",
        "Do you add eps to the sum of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def eps_inside_root(params, grads, square_sums, lr, eps=1e-10):
    """You add eps under the root. Some texts do this, but then eps has the unit of a squared gradient and a much larger
    effect while the sums are small. Here eps is added to the root. Check the argument of your root."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps).sqrt())


@mistake(
    "adagrad_step",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "By which power of a gradient must you divide a gradient to cancel its unit?",
        "Divide by the root of the sum of squares.",
    ),
)
def root_forgotten(params, grads, square_sums, lr, eps=1e-10):
    """You divide by the sum of squares, without the root. So the steps depend on the scale of the loss, and under a
    constant gradient they shrink as 1 / t instead of 1 / sqrt(t). Check the denominator of the formula."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "From a sum of zero, how long is your first step?",
        "Does the second formula use the sum before or after the first formula?",
        "Add the new square first, then move the weights.",
    ),
)
def old_sum_used(params, grads, square_sums, lr, eps=1e-10):
    """You move the weights before you add the new square. In the first step the sum is still zero, so you divide by eps
    only, and the step is huge. Exchange the two lines."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.add_(g**2)


@mistake(
    "adagrad_step",
    hints=(
        "Take two steps with the same gradient. Is the second shorter than the first?",
        "After two steps, does your sum hold one square or two?",
        "Add the new square to the old sum instead of replacing it.",
    ),
)
def squares_not_accumulated(params, grads, square_sums, lr, eps=1e-10):
    """Your sum holds only the newest square: you replace the old sum. So every step has the same length, and the rate
    never falls. Check your line that changes the old sum."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.copy_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "What does your sum hold after a gradient of -3?",
        "Can a sum of squares fall or be negative? Can yours?",
        "Square each entry of the gradient before you add it.",
    ),
)
def not_squared(params, grads, square_sums, lr, eps=1e-10):
    """You add the gradient itself, not its square. Gradients of opposite sign cancel, and the root of a negative sum is
    NaN. The sum should measure the size of the gradients, without their sign."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the caller's sums before and after a step. Do they change?",
        "An assignment to a name or a list entry uses a new tensor; the caller's tensor does not change.",
        "Write the new sum into the caller's tensor, with an operation that ends in an underscore.",
    ),
)
def sum_rebound(params, grads, square_sums, lr, eps=1e-10):
    """You store the new sum in a new tensor: the weights move, but the caller's tensor keeps the old sum. So the next
    step starts from the old sum again. Check which of your operations change a tensor, and which make a new one."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s = s + g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the state after one step with g = 4, from zero. Is it 16?",
        "An operation that ends in an underscore changes the tensor itself. Should the state hold the root?",
        "Store the root in a new tensor, and keep the sum of squares.",
    ),
)
def root_kept_in_state(params, grads, square_sums, lr, eps=1e-10):
    """You take the root in place, so the state holds the root after the step. The next step then adds a square to a
    root. The state must stay a sum of squares: store the root in a new tensor."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Use a tensor with two weights and the gradients 1 and 100. Which sums do you get?",
        "How many weights share one effective learning rate?",
        "Square element by element, and add up over the steps only, not over the weights of a tensor.",
    ),
)
def one_sum_per_tensor(params, grads, square_sums, lr, eps=1e-10):
    """All weights of a tensor share one sum: you add up the squares over the tensor. So one weight with large gradients
    slows down all others. Adagrad keeps a sum for each weight: check your code for a sum or norm over the gradient."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_((g**2).sum())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="ascent",
    hints=(
        "Let w = 1 on the bowl w^2, with a sum of zero. Where is your weight after one step?",
        "A gradient points uphill. In which direction should the weights move?",
        "Subtract the step from the weights.",
    ),
)
def adagrad_ascent(params, grads, square_sums, lr, eps=1e-10):
    """Your weights go uphill: you add the step. A gradient points uphill, and a division by a positive number does not
    change its direction. Check the sign in the second formula."""
    expect_lr(lr)
    expect_eps(eps)
    adagrad_update(params, grads, square_sums, -lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and sums before and after a step. Do they change?",
        "An assignment, to a name or into a list, makes a new tensor; the caller's tensor stays as it was.",
        "Write both results into the caller's tensors, with operations that end in an underscore.",
    ),
)
def adagrad_out_of_place(params, grads, square_sums, lr, eps=1e-10):
    """Your step does not change the caller's weights and sums. A step works in place: write the new values into the
    caller's tensors, not into new ones."""
    expect_lr(lr)
    expect_eps(eps)


@mistake(
    "adagrad_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which tensor is that in your code?",
        "Compute the step in a new tensor.",
    ),
)
def adagrad_in_gradients(params, grads, square_sums, lr, eps=1e-10):
    """Your step is right, but you compute it in the gradient's own tensor, so afterwards the gradients hold the steps.
    The caller may still need the gradients. Check which tensor you write to."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does the tensor change?",
        "For a transposed matrix, does `reshape(-1)` give a view or a copy?",
        "The rule works element by element, in any shape. You need not flatten.",
    ),
)
def adagrad_of_flat_copies(params, grads, square_sums, lr, eps=1e-10):
    """Your step does not change non-contiguous tensors: you write into a copy. For them, `reshape`, `flatten` or
    `contiguous` may return a copy and not a view. Write into the caller's tensors themselves, in their own shape."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for tensors in zip(params, grads, square_sums, strict=True):
            w, g, s = (tensor.detach().reshape(-1) for tensor in tensors)
            s.add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="tracked_by_autograd",
    hints=(
        "Try it on a parameter of a real network, or on `torch.ones(1, requires_grad=True)`.",
        "Autograd refuses an in-place change of a leaf that it records, and its conversion to numpy.",
        "Make the update in a block in which autograd records nothing.",
    ),
)
def adagrad_with_autograd(params, grads, square_sums, lr, eps=1e-10):
    """Your update fails on parameters that require grad, as in every network: autograd tries to record it, and refuses.
    An update is not part of the function that you differentiate, so do not record it."""
    expect_lr(lr)
    expect_eps(eps)
    for w, g, s in zip(params, grads, square_sums, strict=True):
        s.add_(g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Which eps does your function use by default?",
        "The three rules of this section have different defaults.",
        "Use the default of the original signature: 1e-10.",
    ),
)
def eps_of_the_others(params, grads, square_sums, lr, eps=1e-8):
    """Your default eps is 1e-8. That is the default of RMSprop and Adam; Adagrad's is 1e-10, and for tiny gradients the
    difference shows. Compare your signature with the original one."""
    expect_lr(lr)
    expect_eps(eps)
    adagrad_update(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adagrad_with_negative_lr(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative learning rate. It turns every step uphill, without an error. Check in the docstring which
    values to refuse, and with which error."""
    expect_eps(eps)
    adagrad_update(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_eps_accepted",
    hints=(
        "For a small gradient, what does a negative eps do to the denominator?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, raise a ValueError that names `eps` if it is below 0.",
    ),
)
def adagrad_with_negative_eps(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative eps. eps prevents a division by zero, but a negative eps brings the denominator nearer to
    zero, or below it. Check in the docstring which values to refuse, and with which error."""
    expect_lr(lr)
    adagrad_update(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do? And a step with a negative eps?",
        "Which values does the docstring say to refuse?",
        "Before you change anything, test both arguments, and raise a ValueError that names the wrong one.",
    ),
)
def adagrad_unchecked(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative lr and a negative eps. They turn steps uphill or give NaN, without an error. Check in the
    docstring which error to raise, and when."""
    adagrad_update(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    hints=(
        "Let s = 9 and g = 4. What does your function leave in `square_sums`? It should be 25.",
        "Which of your lines write into `square_sums`, and what do they write?",
        "Keep the sum of squares in the list, and take the root for this step only.",
    ),
)
def root_kept(params, grads, square_sums, lr, eps=1e-10):
    """You keep the root of the sum in `square_sums`, not the sum of squares. From zeros your weights are right, but a sum that
    the caller passes is read as a root. Take the root for the step only."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.copy_((s**2 + g**2).sqrt())
            w.sub_(lr * g / (s + eps))


def _average_for_sum(params, grads, square_sums, lr, eps, share):
    """The step with an average that forgets, as in RMSprop."""
    expect_lr(lr)
    expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.mul_(share).add_((1 - share) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "From a sum of 9, which sum does a gradient of 4 give? It should be 25.",
        "Can your sum fall? A sum of squares cannot.",
        "Keep the whole old sum, and add the whole square.",
    ),
)
def average_as_in_rmsprop(params, grads, square_sums, lr, eps=1e-10):
    """You keep an average: 0.9 times the old value plus 0.1 times the new square, as RMSprop does. Such an average
    forgets. Adagrad keeps the whole old sum and adds the whole square. Compare your line with the first formula."""
    _average_for_sum(params, grads, square_sums, lr, eps, 0.9)


@mistake(
    "adagrad_step",
    hints=(
        "From a sum of 9, which sum does a gradient of 4 give? It should be 25.",
        "Can your sum fall? A sum of squares cannot.",
        "Keep the whole old sum, and add the whole square.",
    ),
)
def slow_average_as_in_rmsprop(params, grads, square_sums, lr, eps=1e-10):
    """You keep an average: 0.99 times the old value plus 0.01 times the new square, as RMSprop does. Such an average
    forgets. Adagrad keeps the whole old sum and adds the whole square. Compare your line with the first formula."""
    _average_for_sum(params, grads, square_sums, lr, eps, 0.99)
