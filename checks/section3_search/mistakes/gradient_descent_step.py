"""Mistakes in gradient_descent_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_not_negative


@mistake(
    "gradient_descent_step",
    hints=(
        "On J(w) = w^2 at w = 1 the gradient is 2. Which way is down?",
        "The gradient points to where J grows.",
        "Subtract lr times the gradient instead of adding it.",
    ),
)
def ascent(params, grads, lr):
    """You add the gradient, and so you climb. The gradient points to where the objective grows; descent goes the other
    way. Look at the sign of your step."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.add_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Keep the tensor `w = params[0]` before a step, and print it afterwards. Has it moved?",
        "`w = w - ...` and `params[i] = params[i] - ...` make a new tensor; the old one is as it was.",
        "Use an operation that changes the tensor itself; in torch their names end in an underscore.",
    ),
)
def rebinds_the_name(params, grads, lr):
    """The tensors that you were given do not move: you compute new ones, but do not write them into the old ones. A name, or
    a place in a list, is not the tensor itself. Look for an operation that works in place."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w = w - lr * g


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step for a gradient of 1 and for one of 1000. Is the second 1000 times as long?",
        "Something keeps your gradients from becoming large. Is that a part of the rule?",
        "Subtract lr times the gradient as it is.",
    ),
)
def clips_large_gradients(params, grads, lr):
    """Your step is right for small gradients and too short for large ones: they seem to be cut off. That has its uses, but it is
    another rule. Here w moves by lr times the gradient, however large it is."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g.clamp(-10, 10))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step of weights that are transposed in memory, such as `torch.ones(3, 2).T`. Do they move?",
        "When a tensor does not lie in memory in the order of its entries, what does `reshape(-1)` give: a view or a copy?",
        "Change the tensor itself, in its own shape.",
    ),
)
def flattened_copy(params, grads, lr):
    """Weights that lie transposed in memory do not move: you write into a copy of theirs, as `reshape` and `flatten` give one
    then. Change the tensor itself, which needs no other shape for that."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.detach().reshape(-1).sub_(lr * g.reshape(-1))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step of weights that require grad. Do they still require grad afterwards?",
        "A flag of a tensor is a part of it, too.",
        "Use torch.no_grad() for your own lines instead of switching `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(params, grads, lr):
    """The numbers are right, but weights that required grad do not do so after your step: no gradient can be computed for the
    next one. Work without gradients in your own lines only, and leave the flags of the weights alone."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.requires_grad_(False).sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with lr = 0.1 and one with lr = 0.5. Do they differ?",
        "How long is your step if the gradient is 2 and lr is 0.1?",
        "Multiply the gradient by lr before you subtract it.",
    ),
)
def ignores_lr(params, grads, lr):
    """Your step subtracts the whole gradient, whatever lr is. Where the objective is strongly curved that is too far,
    and descent diverges. Look at where lr enters."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Print the gradients after a step. Are they what they were?",
        "A method whose name ends in _ changes its tensor.",
        "Compute lr times the gradient as a new tensor, or use the argument alpha of the in-place subtraction.",
    ),
)
def scales_the_gradients(params, grads, lr):
    """The weights are right, but the caller's gradients are not what they were: you multiply them by lr in place.
    Whoever uses them next takes a wrong step. Look at what you do to the gradient before you subtract it."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g.mul_(lr))


@mistake(
    "gradient_descent_step",
    hints=(
        "Try it with weights that require grad, as those of a network do. What does torch say?",
        "torch does not let a leaf be changed in place while it is recording.",
        "Switch recording off around the update.",
    ),
)
def records_the_step(params, grads, lr):
    """Your step fails for weights that require grad, as those of every network do: torch would have to record the
    change, and refuses. An update is not part of what is differentiated. Look for a way to tell torch so."""
    _expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Give it two tensors. Which of them moves?",
        "A network has a list of weight tensors, and each has its own gradient.",
        "Do the same to each pair of weight and gradient.",
    ),
)
def first_tensor_only(params, grads, lr):
    """Only the first tensor of the list moves. A network has several, and the others would keep their random start.
    Look at whether your update reaches every pair of weight and gradient."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params[:1], grads, strict=False):
            w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step where the gradient is 2, and one where it is 0.02. How far should each go?",
        "The step of gradient descent is longer where it is steeper.",
        "Leave out the division by the norm.",
    ),
)
def constant_length(params, grads, lr):
    """Your steps all have length lr, however steep it is: the gradient is divided by its norm. Then descent cannot come
    to rest at a minimum, where the gradient fades. Look for the division."""
    _expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g / g.norm().clamp(min=1e-12))


@mistake(
    "gradient_descent_step",
    slug="accepts_negative_lr",
    hints=(
        "Where does a step with lr = -0.1 lead?",
        "The docstring has a paragraph that begins with Raises.",
        "Before anything else, raise a ValueError whose message names lr if it is negative.",
    ),
)
def accepts_negative_lr_in_a_step(params, grads, lr):
    """The step is right, but a negative lr is accepted, and with it you climb. Who passes one has most likely mixed up
    a sign. Look at the docstring's Raises."""
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g)
