"""Mistakes in gradient."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import finite_difference_gradient


@mistake(
    "gradient",
    hints=(
        "Call your function twice at the same point. What is in w.grad after the second call?",
        "`.backward()` adds to `.grad`. Which line sets it to zero?",
        "Differentiate with respect to a new copy of w in each call, or use a function that returns the gradient.",
    ),
)
def accumulates_in_grad(objective, w):
    """Your gradients accumulate in w.grad: each call adds to the earlier ones, so the second call at the same point
    gives twice the gradient. Your call also changes w.grad. Each `.backward()` adds to .grad."""
    w.requires_grad_()
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "Print w.grad before and after your call.",
        "If you set .grad to None, you delete an old gradient that the caller may still need.",
        "Differentiate with respect to a copy of w, so that you never change w itself.",
    ),
)
def leaves_grad_behind(objective, w):
    """Each gradient is right, but your call changes w: it replaces w.grad and sets requires_grad. An optimiser that
    reads w.grad later finds your gradient there. The function must leave w unchanged."""
    w.requires_grad_()
    w.grad = None
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "Print w.requires_grad before and after your call.",
        "A method whose name ends with _ changes the tensor itself.",
        "Let a copy of w require grad, not w.",
    ),
)
def leaves_requires_grad(objective, w):
    """The gradient is right, but after your call w requires grad, although it did not before. Then torch records every
    operation with w, and in-place steps fail. Look at the tensor on which you set requires_grad."""
    w.requires_grad_()
    return torch.autograd.grad(objective(w), w)[0]


@mistake(
    "gradient",
    hints=(
        "Give w a .grad before the call. Is it still there afterwards?",
        "You clear .grad at the end, and with it the gradient that was there before the call.",
        "Work on a copy of w: then there is nothing to clear.",
    ),
)
def wipes_an_old_grad(objective, w):
    """The gradient is right, but your call deletes a .grad that w had before. Leave w.grad as it was; do not clear it.
    Check each line that changes w.grad."""
    required = w.requires_grad
    w.requires_grad_().grad = None
    objective(w).backward()
    slopes, w.grad = w.grad, None
    w.requires_grad_(required)
    return slopes


@mistake(
    "gradient",
    hints=(
        "For J(w) = w^2 at w = 1, is the slope 2 or -2?",
        "The gradient points up. The minus sign belongs to the descent step.",
        "Return the result of autograd without changing its sign.",
    ),
)
def wrong_sign(objective, w):
    """You return the negative gradient, the direction of descent. The gradient itself points upwards, and the step
    subtracts it: with two minus signs you climb. Look for a minus sign."""
    leaf = w.detach().clone().requires_grad_()
    return -torch.autograd.grad(objective(leaf), leaf)[0]


@mistake(
    "gradient",
    hints=(
        "Is the gradient of w^2 larger at w = 10 than at w = 1? Is yours?",
        "The length of the gradient is the steepness.",
        "Remove the division by the norm.",
    ),
)
def unit_gradient(objective, w):
    """Your gradients all have length 1: you keep the direction, but lose the steepness. Then descent never comes to
    rest. Look for a division by the norm."""
    leaf = w.detach().clone().requires_grad_()
    return torch.nn.functional.normalize(torch.autograd.grad(objective(leaf), leaf)[0], dim=0)


@mistake(
    "gradient",
    hints=(
        "How many digits of your gradient are right? Compare with a gradient that you compute by hand.",
        "Differences of the objective are an estimate; this exercise asks for the exact gradient.",
        "Use autograd: a leaf that requires grad, one evaluation, one backward pass.",
    ),
)
def by_finite_differences(objective, w):
    """Your gradient is only approximately right, like finite differences. They also need 2 d evaluations, where
    autograd needs one. Use autograd: it needs no eps."""
    return finite_difference_gradient(objective, w)


@mistake(
    "gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "Which of your operations changes the dtype?",
        "Copy w without converting it.",
    ),
)
def float32_gradient(objective, w):
    """Your gradient is float32 for any dtype of w, so float64 weights lose half of their digits. Look for a conversion,
    or for a tensor with torch's default dtype."""
    leaf = w.detach().clone().requires_grad_()
    return torch.autograd.grad(objective(leaf), leaf)[0].float()


@mistake(
    "gradient",
    hints=(
        "Try it with a w that requires grad. What is in the `.grad` of your copy?",
        "A clone of a tensor that requires grad is a result of it, not a leaf. Where does backward store the gradient?",
        "Detach the copy first, then let it require grad.",
    ),
)
def copy_is_no_leaf(objective, w):
    """If w requires grad, you return None. Your copy is then computed from w, and `backward` stores gradients only in leaves: it
    even puts one into `w.grad`. Detach the copy from w before you use it."""
    copy = w.clone()
    copy.requires_grad_()
    objective(copy).backward()
    return copy.grad


@mistake(
    "gradient",
    hints=(
        "Give w a .grad, then call your function. Is the old .grad part of the result?",
        "`copy.deepcopy` copies `.grad`, too. What does backward do to it?",
        "Make the copy with detach and clone: it has no .grad.",
    ),
)
def copies_the_old_grad(objective, w):
    """If `w.grad` already holds a gradient, it is added to your result: your copy of w has a copy of it, and `backward` adds.
    `copy.deepcopy` copies `.grad`, too. Use a copy without one."""
    leaf = w.detach().clone().requires_grad_()
    leaf.grad = None if w.grad is None else w.grad.detach().clone()
    objective(leaf).backward()
    return leaf.grad


@mistake(
    "gradient",
    hints=(
        "Call your function twice at the same point. What is in w.grad after the second call?",
        "`.backward()` adds to `.grad`. Which line sets it to zero?",
        "Differentiate with respect to a new copy of w in each call, or use a function that returns the gradient.",
    ),
)
def copies_the_sum(objective, w):
    """Your gradients accumulate in w.grad, and you return a copy of the sum: the second call at the same point gives twice the
    gradient. Your call also changes w.grad. Each `.backward()` adds to .grad."""
    w.requires_grad_()
    objective(w).backward()
    return w.grad.clone()


@mistake(
    "gradient",
    hints=(
        "Ask for the gradient of J(w) = w^2 at 1 and at 2. Are they different?",
        "At which point do you evaluate the objective?",
        "Make a copy of w, and differentiate there.",
    ),
)
def at_the_origin(objective, w):
    """You compute the gradient at the origin, for any `w`. Start from a copy of `w`, not from zeros."""
    leaf = torch.zeros_like(w.detach(), requires_grad=True)
    (slopes,) = torch.autograd.grad(objective(leaf), leaf)
    return slopes
