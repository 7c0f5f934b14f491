"""Mistakes in adagrad_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _adagrad, _expect_eps, _expect_lr


@mistake(
    "adagrad_step",
    hints=(
        "Take s = 9, g = 4 and eps = 1, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the sum of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def eps_inside_root(params, grads, square_sums, lr, eps=1e-10):
    """Your eps stands under the root. Some texts write it so, but then it has the unit of a squared gradient, and
    weighs far more while the sums are small. Here it is added to the root. Look at what you take the root of."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps).sqrt())


@mistake(
    "adagrad_step",
    hints=(
        "Multiply the loss by 1000. Do your steps stay the same?",
        "A gradient divided by which power of a gradient has no unit?",
        "Divide by the root of the sum of squares.",
    ),
)
def root_forgotten(params, grads, square_sums, lr, eps=1e-10):
    """You divide by the sum of squares itself, without the root. Then the steps depend on the scale of the loss, and
    shrink like one over the number of steps. Look at the denominator of the formula."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "How far does your very first step go, from a sum of zero?",
        "Which sum does the second formula use, the one before the first formula or after it?",
        "Add the new square first, then move the weights.",
    ),
)
def old_sum_used(params, grads, square_sums, lr, eps=1e-10):
    """Your weights move before the new square is added. In the first step the sum is still zero, so you divide by eps
    alone, and the weights are thrown far away. The order of the two lines matters."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.add_(g**2)


@mistake(
    "adagrad_step",
    hints=(
        "Take two steps with the same gradient. Is the second shorter than the first?",
        "What is in your sum after two steps: two squares, or one?",
        "Add the new square to the old sum, instead of putting it in its place.",
    ),
)
def squares_not_accumulated(params, grads, square_sums, lr, eps=1e-10):
    """Your sum holds only the newest square: the old ones are thrown away. Every step then has the same length,
    whatever came before, and the rate never falls. Look at what happens to the old sum."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.copy_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "What is in your sum after a gradient of -3?",
        "Can a sum of squares fall, or be negative? Can yours?",
        "Square each entry of the gradient before you add it.",
    ),
)
def not_squared(params, grads, square_sums, lr, eps=1e-10):
    """You add the gradient itself, not its square. Gradients of opposite sign cancel, and the root of a negative sum is
    not a number. The sum should say how large the gradients were, whatever their sign."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the caller's sums before and after a step. Did they change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new sum into the tensor that you were given, with an operation that ends in an underscore.",
    ),
)
def sum_rebound(params, grads, square_sums, lr, eps=1e-10):
    """Your new sum is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old sum again, and nothing adds up. See which of your operations change a
    tensor, and which make a new one."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s = s + g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Print the state after one step with g = 4, from zero. Is it 16?",
        "An operation that ends in an underscore changes the tensor itself. Do you want the state to hold the root?",
        "Take the root into a new tensor, and leave the sum of squares as it is.",
    ),
)
def root_kept_in_state(params, grads, square_sums, lr, eps=1e-10):
    """Your state holds the root of the sum after the step, since you take the root in place. The next step adds a
    square to a root. The state must stay a sum of squares: look at where the result of the root goes."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which sums do you get?",
        "For how many weights is one learning rate meant here?",
        "Square element by element, and add up over steps only, not over the weights of a tensor.",
    ),
)
def one_sum_per_tensor(params, grads, square_sums, lr, eps=1e-10):
    """All weights of a tensor share one sum in your code: the squares are added up over the tensor. Then one weight
    with large gradients slows down all its neighbours. Adagrad keeps a sum for each weight: look for a sum or norm over
    the gradient."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_((g**2).sum())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, from a sum of zero. Where is your weight after one step?",
        "A gradient points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def adagrad_ascent(params, grads, square_sums, lr, eps=1e-10):
    """Your weights climb: the step is added to them. A gradient points uphill, and dividing it by a positive number
    does not turn it round. Look at the sign in the second formula."""
    _expect_lr(lr)
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, -lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and sums before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write both results into the given tensors, with operations that end in an underscore.",
    ),
)
def adagrad_out_of_place(params, grads, square_sums, lr, eps=1e-10):
    """The tensors that you were given hold the same weights and sums after your step as before. A step works in place,
    so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_lr(lr)
    _expect_eps(eps)


@mistake(
    "adagrad_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the step in a tensor of its own.",
    ),
)
def adagrad_in_gradients(params, grads, square_sums, lr, eps=1e-10):
    """Your step is right, but it is built up in the gradient's own tensor: afterwards the gradients hold the steps. The
    caller may still need them, to log their size or for a second optimizer. Look at which tensor you write into."""
    _expect_lr(lr)
    _expect_eps(eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_sums, strict=True):
            s.add_(g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "adagrad_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def adagrad_of_flat_copies(params, grads, square_sums, lr, eps=1e-10):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
    _expect_lr(lr)
    _expect_eps(eps)
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
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def adagrad_with_autograd(params, grads, square_sums, lr, eps=1e-10):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_lr(lr)
    _expect_eps(eps)
    for w, g, s in zip(params, grads, square_sums, strict=True):
        s.add_(g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "adagrad_step",
    hints=(
        "Which eps does your function use when the caller gives none?",
        "The three rules of this section do not have the same default.",
        "Take the default of the signature that you were handed out: 1e-10.",
    ),
)
def eps_of_the_others(params, grads, square_sums, lr, eps=1e-8):
    """Your eps is 1e-8 when the caller gives none. That is the default of RMSprop and Adam; Adagrad's is smaller, and a
    gradient as tiny as that shows the difference. Compare your signature with the one that was handed out."""
    _expect_lr(lr)
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def adagrad_with_negative_lr(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_eps(eps)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="negative_eps_accepted",
    hints=(
        "What does a negative eps do to the denominator of a small gradient?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `eps` if it is below 0.",
    ),
)
def adagrad_with_negative_eps(params, grads, square_sums, lr, eps=1e-10):
    """You accept a negative eps. It is there against division by zero, and a negative one brings the denominator nearer
    to zero, or below. See in the docstring which values must be refused, and how."""
    _expect_lr(lr)
    _adagrad(params, grads, square_sums, lr, eps)


@mistake(
    "adagrad_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with a negative eps?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def adagrad_unchecked(params, grads, square_sums, lr, eps=1e-10):
    """You refuse nothing: a negative lr and a negative eps get through. They turn steps uphill or into something that
    is no number, and the caller is not told. See in the docstring what must be raised, and when."""
    _adagrad(params, grads, square_sums, lr, eps)
