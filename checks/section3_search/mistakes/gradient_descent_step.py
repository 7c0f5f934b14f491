"""Mistakes in gradient_descent_step."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_not_negative


@mistake(
    "gradient_descent_step",
    hints=(
        "For J(w) = w^2 at w = 1, the gradient is 2. Which way is down?",
        "The gradient points to where J grows.",
        "Subtract lr times the gradient instead of adding it.",
    ),
)
def ascent(params, grads, lr):
    """You add the gradient, so you climb. The gradient points to where the objective grows; descent goes the other way.
    Look at the sign of your step."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.add_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Store the tensor `w = params[0]` before a step, and print it afterwards. Did it change?",
        "`w = w - ...` and `params[i] = params[i] - ...` create a new tensor; the old tensor does not change.",
        "Use an operation that changes the tensor itself; in torch its name ends with an underscore.",
    ),
)
def rebinds_the_name(params, grads, lr):
    """The caller's tensors do not change: you compute new tensors, but do not write them into the old ones. An
    assignment to a name or a list entry does not change the tensor. Look for an in-place operation."""
    expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w = w - lr * g


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with a gradient of 1 and a step with a gradient of 1000. Is the second step 1000 times as long?",
        "Something limits your gradients. Is that part of the rule?",
        "Subtract lr times the gradient, unchanged.",
    ),
)
def clips_large_gradients(params, grads, lr):
    """Your step is right for small gradients and too short for large ones, as if you clip them. Clipping is a different
    rule: here w moves by lr times the gradient, however large the gradient is. Look for a limit on the gradient or the
    step."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g.clamp(-10, 10))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with weights that are transposed in memory, such as `torch.ones(3, 2).T`. Do they change?",
        "Does `reshape(-1)` of a tensor that is transposed in memory return a view or a copy?",
        "Change the tensor itself, in its own shape.",
    ),
)
def flattened_copy(params, grads, lr):
    """Weights that are transposed in memory do not change: `reshape` and `flatten` return a copy of them, and you write
    into the copy. Change the tensor itself, in its own shape."""
    expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.detach().reshape(-1).sub_(lr * g.reshape(-1))


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with weights that require grad. Do they still require grad afterwards?",
        "`requires_grad` belongs to the tensor, and the caller still needs it.",
        "Use torch.no_grad() for your own lines; do not switch `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(params, grads, lr):
    """The numbers are right, but after your step the weights no longer require grad, so no gradient can be computed for
    the next step. Disable gradients for your own lines only, and leave requires_grad of the weights unchanged."""
    expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.requires_grad_(False).sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with lr = 0.1 and a step with lr = 0.5. Do they differ?",
        "How long is your step if the gradient is 2 and lr is 0.1?",
        "Multiply the gradient by lr before you subtract it.",
    ),
)
def ignores_lr(params, grads, lr):
    """Your step subtracts the whole gradient and ignores lr. Where the objective is strongly curved, this step is too
    long, and descent diverges. Look at where you use lr."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Print the gradients before and after a step. Do they change?",
        "A method whose name ends with _ changes its tensor.",
        "Compute lr times the gradient as a new tensor, or use the argument alpha of the in-place subtraction.",
    ),
)
def scales_the_gradients(params, grads, lr):
    """The weights are right, but you multiply the caller's gradients by lr in place. The next operation that uses them
    gets wrong gradients. Check each change of the gradient before you subtract it."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(g.mul_(lr))


@mistake(
    "gradient_descent_step",
    hints=(
        "Try it with weights that require grad, as in a network. Which error does torch raise?",
        "While torch records, you cannot change a leaf in place.",
        "Switch recording off around the update.",
    ),
)
def records_the_step(params, grads, lr):
    """Your step fails for weights that require grad, like the weights of every network: torch refuses to record an
    in-place change of them. An update must not be recorded. Look for a way to switch recording off."""
    expect_not_negative(lr=lr)
    for w, g in zip(params, grads, strict=True):
        w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Pass two tensors. Which of them changes?",
        "A network has a list of weight tensors, and each has its own gradient.",
        "Apply the same update to each pair of weight and gradient.",
    ),
)
def first_tensor_only(params, grads, lr):
    """Only the first tensor of the list changes. A network has several, and the others would keep their random start.
    Look at whether your update reaches every pair of weight and gradient."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params[:1], grads, strict=False):
            w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step where the gradient is 2, and a step where it is 0.02. How long should each be?",
        "A step of gradient descent is longer where the slope is steeper.",
        "Remove the division by the norm.",
    ),
)
def constant_length(params, grads, lr):
    """Your steps all have length lr, because you divide the gradient by its norm. Then descent cannot come to rest at a
    minimum, where the gradient becomes small. Look for the division."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g / g.norm().clamp(min=1e-12))


@mistake(
    "gradient_descent_step",
    slug="accepts_negative_lr",
    hints=(
        "Where does a step with lr = -0.1 lead?",
        "The docstring has a paragraph that starts with Raises.",
        "First, raise a ValueError whose message names lr if it is negative.",
    ),
)
def accepts_negative_lr_in_a_step(params, grads, lr):
    """The step is right, but you accept a negative lr, which climbs. A negative lr is almost certainly a bug. Look at
    Raises in the docstring."""
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step where the gradient is 2, and a step where it is 0.02. How long should each be?",
        "You keep only the sign of each slope.",
        "Subtract lr times the gradient itself.",
    ),
)
def sign_of_the_gradient(params, grads, lr):
    """Every weight whose gradient is not zero moves by lr: you use only the sign of the gradient. A step is longer where
    the slope is steeper. Subtract lr times the gradient itself."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g.sign())


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with lr = 0. Where are the weights afterwards?",
        "Does the formula use the old weights?",
        "Subtract lr times the gradient from the weights, instead of copying it into them.",
    ),
)
def weights_overwritten(params, grads, lr):
    """Your weights become minus lr times the gradient: the old weights are lost. A step changes the weights by that much; it does
    not replace them. Look at the operation that writes into the weights."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.copy_(-lr * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with the gradient (1, 3). Do both weights move by the same amount?",
        "Each weight has its own slope.",
        "Subtract lr times the gradient, entry by entry, without a mean.",
    ),
)
def mean_of_the_gradient(params, grads, lr):
    """All weights of a tensor move by the same amount: you use the mean of the gradient. Each weight has its own slope.
    Subtract lr times the gradient, entry by entry."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g.mean())


@mistake(
    "gradient_descent_step",
    hints=(
        "Take two tensors with the gradients 3 and 4. How far does the first move?",
        "What do you divide each gradient by?",
        "Subtract lr times the gradient as it is.",
    ),
)
def one_length_for_all_steps(params, grads, lr):
    """You divide all gradients by their common length, so that all steps together have the length lr. A step is lr times the
    gradient: it becomes shorter where the slope is small."""
    expect_not_negative(lr=lr)
    length = sum(float((g * g).sum()) for g in grads) ** 0.5 or 1.0
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * g / length)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take one tensor, and then two copies of it. Does the first move as far?",
        "How many tensors are there, and where does this number enter?",
        "Subtract lr times the gradient as it is.",
    ),
)
def lr_divided_among_the_tensors(params, grads, lr):
    """You divide lr by the number of tensors. Each tensor moves by lr times its own gradient, however many there are."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr / len(params) * g)


@mistake(
    "gradient_descent_step",
    hints=(
        "Take a step with a gradient of zero. Do the weights move?",
        "Which terms has the formula of the step?",
        "Subtract lr times the gradient alone.",
    ),
)
def weights_shrink_too(params, grads, lr):
    """You add a hundredth of the weights to each gradient: weight decay. The step here follows the gradient alone."""
    expect_not_negative(lr=lr)
    with torch.no_grad():
        for w, g in zip(params, grads, strict=True):
            w.sub_(lr * (g + 0.01 * w))


@mistake(
    "gradient_descent_step",
    hints=(
        "Store the tensor `w = params[0]` before a step, and print it afterwards. Did it change?",
        "`params[i] = params[i] - ...` puts a new tensor into the list; the old tensor, which the model has, does not change.",
        "Use an operation that changes the tensor itself; in torch its name ends with an underscore.",
    ),
)
def new_tensors_in_the_list(params, grads, lr):
    """You put new tensors into the list `params`, and the caller's tensors keep their old values. A model knows its own tensors
    only, and not your list. Change the tensors themselves: look for an in-place operation."""
    expect_not_negative(lr=lr)
    for i, g in enumerate(grads):
        params[i] = params[i].detach() - lr * g
