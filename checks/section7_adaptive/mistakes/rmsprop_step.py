"""Mistakes in rmsprop_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _adagrad, _expect_eps, _expect_lr, _expect_share


def _expect_rmsprop(lr, alpha, eps):
    _expect_lr(lr)
    _expect_share("alpha", alpha)
    _expect_eps(eps)


def _rmsprop(params, grads, square_averages, lr, alpha, eps):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="eps_inside_root",
    hints=(
        "Take an average of 9 and eps = 1, and compute the denominator by hand. What does your code get?",
        "To which of the two is eps added: to the average of squares, or to its root?",
        "Take the root first, then add eps.",
    ),
)
def rmsprop_eps_inside_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your eps stands under the root. Some texts write it so, but then it has the unit of a squared gradient, and
    weighs far more while the averages are small. Here, as in PyTorch, it is added to the root. Look at what you take
    the root of."""
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
        "What does the R in RMSprop stand for?",
        "Divide by the root of the average.",
    ),
)
def rmsprop_without_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You divide by the mean square itself, without the root. Then the steps depend on the scale of the loss: the
    larger the gradients, the shorter they are. Look at the denominator of the formula."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "How far does your very first step go, from an average of zero?",
        "Which average does the second formula use, the one before the first formula or after it?",
        "Take the new square into the average first, then move the weights.",
    ),
)
def old_average_used(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your weights move before the new square enters the average. In the first step it is still zero, so you divide by
    eps alone, and the weights are thrown far away. The order of the two lines matters."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            w.sub_(lr * g / (s.sqrt() + eps))
            s.mul_(alpha).add_((1 - alpha) * g**2)


@mistake(
    "rmsprop_step",
    slug="shares_swapped",
    hints=(
        "With alpha = 0.99, how much of the old average is left after one step of yours?",
        "About 1 / (1 - alpha) steps count as recent. How many do in yours?",
        "alpha belongs to the old average, and 1 - alpha to the new square.",
    ),
)
def rmsprop_shares_swapped(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """alpha and 1 - alpha stand in each other's place: you keep 1 - alpha of the old average. With 0.99 it forgets
    nearly everything in each step. Look at which of the two belongs to the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 1 - alpha, eps)


@mistake(
    "rmsprop_step",
    slug="squares_not_accumulated",
    hints=(
        "What would alpha = 0.99 and alpha = 0 do differently in your code?",
        "What is in your average after two steps: two squares, or one?",
        "Keep the share alpha of the old average, and add the rest of the new square to it.",
    ),
)
def rmsprop_without_memory(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your average is the newest square alone: the old ones are thrown away, whatever alpha is. Every step then has
    nearly the length lr, however large the gradient is for this weight. Look at what happens to the old average."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, 0.0, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Push a hundred times with the same gradient. Do your steps get shorter and shorter?",
        "Is your state a sum or an average? What does alpha do in it?",
        "Let the old average fade by alpha, and give the new square the weight 1 - alpha.",
    ),
)
def sum_as_in_adagrad(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your state is a plain sum of squares, as in Adagrad, and alpha has no influence. A single large gradient then
    slows its weight down for ever, which is what RMSprop was made against. Compare the first formula with yours."""
    _expect_rmsprop(lr, alpha, eps)
    _adagrad(params, grads, square_averages, lr, eps)


@mistake(
    "rmsprop_step",
    hints=(
        "Push many times with a gradient of 1. Where does your state settle?",
        "The weights in an average add up to 1. Do yours?",
        "Give the new square the weight 1 - alpha.",
    ),
)
def whole_square_added(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You add the whole new square to the faded state, as heavy ball does with gradients. That is no average: it grows
    up to 1 / (1 - alpha) times the square, and the steps become that much too short. Look at what the new square is
    multiplied by."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_(g**2)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="not_squared",
    hints=(
        "What is in your average after a gradient of -3?",
        "What does the S in RMSprop stand for?",
        "Square each entry of the gradient before it enters the average.",
    ),
)
def rmsprop_not_squared(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You average the gradients themselves, not their squares. Gradients of opposite sign cancel, and the root of a
    negative average is not a number. The average should say how large the gradients were, whatever their sign."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g)
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Keep the tensor `s = square_averages[0]` before a step, and print it afterwards. Did it change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write the new average into the tensor that you were given, with operations that end in an underscore.",
    ),
)
def average_rebound(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your new average is a new tensor: the weights move by it, but the tensor that you were given keeps the old one.
    Whoever goes on from that tensor has the old average again, and nothing is remembered. See which of your operations change a
    tensor, and which make a new one."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s = alpha * s + (1 - alpha) * g**2
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="root_kept_in_state",
    hints=(
        "Print the state after one step, and compute it by hand. Is yours its root?",
        "An operation that ends in an underscore changes the tensor itself. Do you want the state to hold the root?",
        "Take the root into a new tensor, and leave the average of squares as it is.",
    ),
)
def rmsprop_keeps_root(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your state holds the root of the average after the step, since you take the root in place. The next step averages
    a root with a square. The state must stay an average of squares: look at where the result of the root goes."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2).sqrt_()
            w.sub_(lr * g / (s + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Give it a tensor with two weights, whose gradients are 1 and 100. Which averages do you get?",
        "The M in RMSprop is a mean over something. Over the weights of a tensor, or over steps?",
        "Square element by element, and average over steps only.",
    ),
)
def mean_over_the_tensor(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """All weights of a tensor share one average in your code: you take the mean of the squares over the tensor. The
    mean in the name is one over steps, for each weight on its own. Look for a mean over the gradient."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * (g**2).mean())
            w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="ascent",
    hints=(
        "Take w = 1 on the bowl w^2, from an average of zero. Where is your weight after one step?",
        "A gradient points uphill. Which way should the weights go?",
        "Subtract the step from the weights.",
    ),
)
def rmsprop_ascent(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your weights climb: the step is added to them. A gradient points uphill, and dividing it by a positive number
    does not turn it round. Look at the sign in the second formula."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, -lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_in_place",
    hints=(
        "Print the caller's weights and averages before and after a step. Did anything change?",
        "An assignment, to a name or into a list, brings in a new tensor; the one that was handed over stays as it was.",
        "Write all new values into the given tensors, with operations that end in an underscore.",
    ),
)
def rmsprop_out_of_place(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """The tensors that you were given hold the same weights and averages after your step as before. A step works in
    place, so the new values must end up in the tensors that were handed over, not in new ones."""
    _expect_rmsprop(lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="changes_gradients",
    hints=(
        "Print the gradients before and after a step.",
        "An operation that ends in an underscore changes the tensor before the dot. Which one is that in yours?",
        "Compute the step in a tensor of its own.",
    ),
)
def rmsprop_in_gradients(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your step is right, but it is built up in the gradient's own tensor: afterwards the gradients hold the steps. The
    caller may still need them, to log their size or for a second optimizer. Look at which tensor you write into."""
    _expect_rmsprop(lr, alpha, eps)
    with torch.no_grad():
        for w, g, s in zip(params, grads, square_averages, strict=True):
            s.mul_(alpha).add_((1 - alpha) * g**2)
            w.sub_(g.mul_(lr).div_(s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    slug="flattened_copies",
    hints=(
        "Try it on `torch.ones(3, 2).T`. Does that hold new numbers after the step?",
        "Does `reshape(-1)` give a view of the same numbers, or a copy? For a transposed matrix, look it up.",
        "The rule works element by element, in any shape. There is nothing to flatten.",
    ),
)
def rmsprop_of_flat_copies(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """On a transposed tensor your step is lost: it changes a copy. Whether flattening, `contiguous` or the like gives a view
    or a copy depends on how the numbers lie in memory. Write into the caller's tensors themselves, in the shape they have."""
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
        "Autograd refuses what it could not follow: to change a leaf in place, or to hand its numbers to numpy.",
        "Make the update inside a block in which autograd records nothing.",
    ),
)
def rmsprop_with_autograd(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """Your update fails on parameters that require grad, as those of a network always do: autograd would have to follow
    it, and refuses. An update is not part of what is differentiated: nothing of it should be recorded."""
    _expect_rmsprop(lr, alpha, eps)
    for w, g, s in zip(params, grads, square_averages, strict=True):
        s.mul_(alpha).add_((1 - alpha) * g**2)
        w.sub_(lr * g / (s.sqrt() + eps))


@mistake(
    "rmsprop_step",
    hints=(
        "Which alpha does your function use when the caller gives none?",
        "The lecture in which RMSprop was presented took 0.9. Which one is asked for here?",
        "Take the default of the signature that you were handed out: 0.99.",
    ),
)
def alpha_of_the_lecture(params, grads, square_averages, lr, alpha=0.9, eps=1e-8):
    """Your alpha is 0.9 when the caller gives none. Hinton's lecture and some libraries take that value; here, as in
    PyTorch, it is 0.99, so that ten times as many steps count as recent. Compare your signature with the one that was
    handed out."""
    _expect_rmsprop(lr, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="negative_lr_accepted",
    hints=(
        "What does a step with lr = -0.1 do?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, raise a ValueError that names `lr` if it is below 0.",
    ),
)
def rmsprop_with_negative_lr(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept a negative learning rate. It turns every step uphill, and a slip in a schedule would go unnoticed. See
    in the docstring which values must be refused, and how."""
    _expect_rmsprop(0.0, alpha, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="alpha_one_accepted",
    hints=(
        "With alpha = 1, what does your state ever learn of a gradient?",
        "The interval is [0, 1): which of its ends belongs to it?",
        "Refuse alpha = 1, too, with a ValueError that names `alpha`.",
    ),
)
def rmsprop_with_alpha_one(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You accept alpha = 1. Then the average never takes in anything new: started at zero, it stays there, and every
    gradient is divided by eps alone. The allowed interval is open at this end: compare your check with the
    docstring."""
    if alpha != 1:
        _expect_share("alpha", alpha)
    _expect_rmsprop(lr, 0.5, eps)
    _rmsprop(params, grads, square_averages, lr, alpha, eps)


@mistake(
    "rmsprop_step",
    slug="nothing_refused",
    hints=(
        "What does a step with lr = -0.1 do, and what one with a negative eps?",
        "Which values must be refused, according to the docstring?",
        "Before anything is changed, check each of them, and raise a ValueError that names the one that is wrong.",
    ),
)
def rmsprop_unchecked(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    """You refuse nothing: a negative lr or eps and an alpha outside [0, 1) get through. They turn steps uphill or into
    something that is no number, and the caller is not told. See in the docstring what must be raised, and when."""
    _rmsprop(params, grads, square_averages, lr, alpha, eps)
