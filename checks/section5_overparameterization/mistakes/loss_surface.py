"""Mistakes in loss_surface."""

from contextlib import suppress

import torch

from grader.toolkit.mistakes import mistake


def _put(params, values):
    with torch.no_grad():
        for p, value in zip(params, values, strict=True):
            p.copy_(value)


def _moved(saved, direction_x, direction_y, x, y):
    return [w + x * dx + y * dy for w, dx, dy in zip(saved, direction_x, direction_y, strict=True)]


@mistake(
    "loss_surface",
    hints=(
        "What shape is your surface for 4 steps in x and 3 in y?",
        "As in a picture, the row says how far up, the column how far to the right.",
        "The first index belongs to `ys`, the second to `xs`.",
    ),
)
def axes_transposed(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is transposed: its rows follow `xs`, its columns `ys`. Plotting functions take rows as the vertical axis,
    so that the picture would be mirrored. Compare the order of your indices with the docstring."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(xs), len(ys), dtype=params[0].dtype)
    try:
        for i, x in enumerate(xs):
            for j, y in enumerate(ys):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[i, j] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "With one step in x and none in y, which direction do you move along?",
        "Pair the names: which steps belong to `direction_x`?",
        "Multiply `direction_x` by the entry of `xs`, and `direction_y` by that of `ys`.",
    ),
)
def directions_exchanged(loss_fn, params, direction_x, direction_y, xs, ys):
    """You walk along `direction_y` by the steps in `xs`, and along `direction_x` by those in `ys`. The picture then shows the
    plane mirrored. Compare the pairs in your sum with the formula."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, y, x))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Look at the parameters before and after a call.",
        "After the last point of the grid, where do the parameters stand?",
        "Keep a copy of the values before the walk and write it back at the end.",
    ),
)
def never_restored(loss_fn, params, direction_x, direction_y, xs, ys):
    """You leave the parameters at the last point of the grid. Whoever goes on with the model, to train it or to draw another
    picture, goes on from somewhere else. Write back what was there before the walk."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            _put(params, _moved(saved, direction_x, direction_y, x, y))
            surface[j, i] = loss_fn().detach()
    return surface


@mistake(
    "loss_surface",
    hints=(
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1? And who goes back when `loss_fn` raises?",
        "Subtracting what was added does not undo the rounding, and a line after an exception is not reached.",
        "Keep a copy of the values before the walk, and write it back in a `finally` block.",
    ),
)
def subtracted_unless_it_raises(loss_fn, params, direction_x, direction_y, xs, ys):
    """You go back by subtracting the step that you added, and not at all when `loss_fn` raises. Each addition rounds, so that
    the parameters drift a little at every point and do not come home exactly. Only a copy brings them back to the last bit."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            steps = [x * dx + y * dy for dx, dy in zip(direction_x, direction_y, strict=True)]
            _put(params, [p + step for p, step in zip(params, steps, strict=True)])
            surface[j, i] = loss_fn().detach()
            _put(params, [p - step for p, step in zip(params, steps, strict=True)])
    return surface


@mistake(
    "loss_surface",
    hints=(
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1?",
        "Each addition rounds, and subtracting the same number does not undo the rounding.",
        "Keep a copy of the values before the walk and write it back, instead of computing the way home.",
    ),
)
def restored_by_subtracting(loss_fn, params, direction_x, direction_y, xs, ys):
    """You go back by subtracting the step that you added. Each addition rounds, so that the parameters drift a little at
    every point of the grid and do not come home exactly. Only a copy brings them back to the last bit."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            steps = [x * dx + y * dy for dx, dy in zip(direction_x, direction_y, strict=True)]
            _put(params, [p + step for p, step in zip(params, steps, strict=True)])
            try:
                surface[j, i] = loss_fn().detach()
            finally:
                _put(params, [p - step for p, step in zip(params, steps, strict=True)])
    return surface


@mistake(
    "loss_surface",
    hints=(
        "What happens to the lines at the end of your function when `loss_fn` raises?",
        "Interrupt the walk in the middle: where do the parameters stand?",
        "Put the restoring where it runs in any case: into the `finally` part of a `try`.",
    ),
)
def not_restored_on_error(loss_fn, params, direction_x, direction_y, xs, ys):
    """You restore the parameters at the end, but an exception of `loss_fn` never gets there: the model is left somewhere on
    the grid. Restoring must happen on the way out, whatever the reason."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            _put(params, _moved(saved, direction_x, direction_y, x, y))
            surface[j, i] = loss_fn().detach()
    _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "When `loss_fn` raises, what does your caller get to know?",
        "An `except` that does not raise again hides the error.",
        "Restore in the `finally` part and let the exception pass.",
    ),
)
def exception_swallowed(loss_fn, params, direction_x, direction_y, xs, ys):
    """You catch the exception of `loss_fn` and go on as if nothing had happened: the surface has holes, and nobody knows why.
    The parameters should be restored, and the exception should come out."""
    saved = [p.detach().clone() for p in params]
    surface = torch.zeros(len(ys), len(xs), dtype=params[0].dtype)
    with suppress(Exception):
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Take two equal steps in x. How far from the start is your second point?",
        "Every point of the grid is measured from the original parameters, and not from the point before.",
        "Compute each point from the saved copy.",
    ),
)
def steps_added_up(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your steps add up: each point of the grid starts from the point before. Only the first entry is right. Entry [j, i] is
    the loss at the original parameters plus one step in each direction."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(params, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Is your surface the same number everywhere? What does that say about `loss_fn`?",
        "`loss_fn` reads the tensors that it knows. Does it know the new ones that you make?",
        "Change the tensors in `params` in place instead of making new ones.",
    ),
)
def parameters_rebound(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is flat: you compute new tensors, but `loss_fn` still reads the old ones. It takes no argument, so that
    the only way to move it is to change the tensors in `params` in place."""
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    saved = [p.detach().clone() for p in params]
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            params = _moved(saved, direction_x, direction_y, x, y)
            surface[j, i] = loss_fn().detach()
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Is your copy of the parameters a copy? Change a parameter and look at it.",
        "`detach` gives another view of the same memory.",
        "Clone what you keep.",
    ),
)
def copy_that_is_a_view(loss_fn, params, direction_x, direction_y, xs, ys):
    """What you keep of the parameters is not a copy but a view of the same memory: it moves along with them. So your steps
    add up, and nothing is restored at the end. `detach` alone does not copy."""
    saved = [p.detach() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Does your surface require grad? What would it be differentiated by?",
        "A loss remembers the whole computation that it came from.",
        "Detach each loss, or work without gradients, before putting it into the grid.",
    ),
)
def graph_kept(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface carries an autograd graph: every entry keeps its whole computation in memory, for gradients that nobody
    asks for. The surface should be plain numbers."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Call your function with the weights of a model, and then train the model. What happens?",
        "A flag of a parameter is a part of it, too.",
        "Use torch.no_grad() for your own lines instead of switching `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """The surface is right, but afterwards the parameters do not require grad any more: the model cannot be trained on.
    Work without gradients in your own lines only, and leave the flags of the parameters alone."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    for p in params:
        p.requires_grad_(False)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Give your function weights that are transposed in memory, such as `torch.ones(3, 2).T`. Does its surface change?",
        "When a tensor does not lie in memory in the order of its entries, what does `reshape(-1)` give you: a view or a copy?",
        "Write into the tensor itself, in its own shape.",
    ),
)
def flattened_copy(loss_fn, params, direction_x, direction_y, xs, ys):
    """Parameters that lie transposed in memory do not move, and your surface is flat along them: you write into a copy of
    theirs, as `reshape` and `flatten` give one then. Write into the parameters themselves."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(
                    [p.detach().reshape(-1) for p in params],
                    [value.reshape(-1) for value in _moved(saved, direction_x, direction_y, x, y)],
                )
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Try it with the parameters of an nn.Linear. What does torch say?",
        "A parameter that requires grad must not be changed in place while autograd is watching.",
        "Do every change of the parameters without gradients.",
    ),
)
def changed_under_autograd(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your function works for plain tensors only: parameters that require grad cannot be changed in place while autograd
    records. Those of every model do. Move and restore them without gradients."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                for p, value in zip(params, _moved(saved, direction_x, direction_y, x, y), strict=True):
                    p.copy_(value)
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Which dtype does your surface have for float64 parameters?",
        "A new tensor is float32 unless you say otherwise.",
        "Make the surface in the dtype of the parameters.",
    ),
)
def surface_in_float32(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is float32 whatever the parameters are, which loses half of the digits of a float64 loss. It should have
    the dtype of `params`. Look at where you make it."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=torch.float32)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Call it with parameters in float32 and steps in float64. Which dtype has your surface?",
        "The losses are computed with the parameters. Whose dtype do they have?",
        "Make the surface in the dtype of the parameters.",
    ),
)
def surface_in_the_dtype_of_the_steps(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface has the dtype of `xs`. That is the caller's choice of steps; the losses have the dtype of the parameters,
    and so should the surface. Look at how you make the tensor that you fill."""
    saved = [p.detach().clone() for p in params]
    surface = xs.new_empty(len(ys), len(xs))
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A switch for all of torch stays as it was set. Who switches it back, also when loss_fn raises?",
        "Switch gradients off by a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """After your function, torch records no gradients any more, anywhere: the next step of training fails. Switch them off for
    your own lines only."""
    torch.set_grad_enabled(False)
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                for p, value in zip(params, _moved(saved, direction_x, direction_y, x, y), strict=True):
                    p.copy_(value)
                surface[j, i] = loss_fn()
    finally:
        for p, value in zip(params, saved, strict=True):
            p.copy_(value)
    return surface
