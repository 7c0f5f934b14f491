"""Mistakes in gradient."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section3_search import finite_difference_gradient


@mistake(
    "gradient",
    hints=(
        "Call it twice at the same point. What is in w.grad after the second call?",
        "`.backward()` adds to `.grad`. Who sets it to zero?",
        "Differentiate with respect to a fresh copy of w in each call, or use a function that returns the gradient instead.",
    ),
)
def accumulates_in_grad(objective, w):
    """Your gradients pile up in w.grad: each call adds to those before, so that the second call at one point gives
    twice the gradient. And w keeps traces of the call. Look at what .backward() does to .grad."""
    w.requires_grad_()
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "What is w.grad before your call, and after it?",
        "Setting .grad to None forgets an old gradient that somebody may still need.",
        "Differentiate with respect to a copy of w, so that w itself is never touched.",
    ),
)
def leaves_grad_behind(objective, w):
    """Each gradient is right, but w is not as it was: your call replaces its .grad and lets it require grad. An
    optimiser that looks at .grad later finds yours there. The function should leave no trace."""
    w.requires_grad_()
    w.grad = None
    objective(w).backward()
    return w.grad


@mistake(
    "gradient",
    hints=(
        "What is w.requires_grad before your call, and after it?",
        "A method whose name ends in _ changes the tensor itself.",
        "Let a copy of w require grad, not w.",
    ),
)
def leaves_requires_grad(objective, w):
    """The gradient is right, but w requires grad afterwards, although it did not before. From then on torch records all
    that is computed with it, and in-place steps fail. Look at which tensor you switch on."""
    w.requires_grad_()
    return torch.autograd.grad(objective(w), w)[0]


@mistake(
    "gradient",
    hints=(
        "Give w an old .grad before the call. Is it still there afterwards?",
        "You tidy up at the end, and throw away what was there before you came.",
        "Work on a copy of w: then nothing needs tidying up.",
    ),
)
def wipes_an_old_grad(objective, w):
    """The gradient is right, but a .grad that w had before your call is gone after it. Tidying up means that things are
    as they were before, not that they are empty. Look at what you do to w.grad."""
    required = w.requires_grad
    w.requires_grad_().grad = None
    objective(w).backward()
    slopes, w.grad = w.grad, None
    w.requires_grad_(required)
    return slopes


@mistake(
    "gradient",
    hints=(
        "On J(w) = w^2 at w = 1, is the slope 2 or -2?",
        "The gradient points up. The minus sign belongs to the descent step.",
        "Return what autograd gives, without changing its sign.",
    ),
)
def wrong_sign(objective, w):
    """You return the negative gradient, the direction of descent. The gradient itself points upwards; the step
    subtracts it, so that with two minus signs you would climb. Look for a minus sign."""
    leaf = w.detach().clone().requires_grad_()
    return -torch.autograd.grad(objective(leaf), leaf)[0]


@mistake(
    "gradient",
    hints=(
        "Is the gradient of w^2 larger at w = 10 than at w = 1? Is yours?",
        "The length of the gradient says how steep it is.",
        "Leave out the division by the norm.",
    ),
)
def unit_gradient(objective, w):
    """Your gradients all have length 1: only the direction is left, and how steep it is, is lost. Descent would then
    never come to rest. Look for a division by the norm."""
    leaf = w.detach().clone().requires_grad_()
    return torch.nn.functional.normalize(torch.autograd.grad(objective(leaf), leaf)[0], dim=0)


@mistake(
    "gradient",
    hints=(
        "How many digits of your gradient are right? Compare with one by hand.",
        "Differences of the objective are an estimate; this exercise asks for the exact gradient.",
        "Let autograd differentiate: a leaf that requires grad, one evaluation, one backward pass.",
    ),
)
def by_finite_differences(objective, w):
    """Your gradient is only nearly right, as finite differences are. Besides, they need 2 d evaluations where autograd
    needs one. This exercise is about the second: no eps is needed."""
    return finite_difference_gradient(objective, w)


@mistake(
    "gradient",
    slug="float32",
    hints=(
        "Print the dtype of the result for float64 weights.",
        "Which of your operations makes a new dtype?",
        "Make the copy of w without converting it.",
    ),
)
def float32_gradient(objective, w):
    """Your gradient comes back in float32, whatever the dtype of w, and half of its digits are lost. Look for a
    conversion, or for a tensor that is made with torch's default dtype."""
    leaf = w.detach().clone().requires_grad_()
    return torch.autograd.grad(objective(leaf), leaf)[0].float()
