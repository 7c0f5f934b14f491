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
        "What is the shape of your surface for 4 steps in x and 3 in y?",
        "As in a picture, the row gives the height and the column the horizontal position.",
        "The first index belongs to `ys`, the second to `xs`.",
    ),
)
def axes_transposed(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is transposed: its rows follow `xs`, its columns `ys`. Plotting functions draw rows along the
    vertical axis, so your picture is mirrored. Compare the order of your indices with the docstring."""
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
        "With one step in x and none in y, along which direction do you move?",
        "Which steps belong to `direction_x`?",
        "Multiply `direction_x` by the entry of `xs`, and `direction_y` by the entry of `ys`.",
    ),
)
def directions_exchanged(loss_fn, params, direction_x, direction_y, xs, ys):
    """You move along `direction_y` by the steps in `xs`, and along `direction_x` by the steps in `ys`. The picture then
    shows the plane mirrored. Compare the pairs in your sum with the formula."""
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
        "Compare the parameters before and after a call.",
        "Where are the parameters after the last point of the grid?",
        "Save a copy of the values before the loop, and write it back at the end.",
    ),
)
def never_restored(loss_fn, params, direction_x, direction_y, xs, ys):
    """You leave the parameters at the last point of the grid. The next training or picture then starts from wrong
    weights. Write the old values back at the end."""
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
        "In floating point, is (0.1 + 0.7) - 0.7 equal to 0.1? And what restores the parameters when `loss_fn` raises?",
        "A subtraction does not undo the rounding of the addition, and lines after an exception do not run.",
        "Save a copy of the values before the loop, and write it back in a `finally` block.",
    ),
)
def subtracted_unless_it_raises(loss_fn, params, direction_x, direction_y, xs, ys):
    """You undo a step by subtracting it, and when `loss_fn` raises you do not undo it at all. Each addition rounds, so
    small errors remain at every point. Only a saved copy, written back in a `finally` block, restores every bit."""
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
        "Save a copy of the values before the loop and write it back, instead of subtracting the step.",
    ),
)
def restored_by_subtracting(loss_fn, params, direction_x, direction_y, xs, ys):
    """You undo a step by subtracting it. Each addition rounds, so small errors remain at every point of the grid. Only
    a saved copy restores every bit."""
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
        "Which lines at the end of your function run when `loss_fn` raises?",
        "If `loss_fn` raises in the middle of the grid, where are the parameters afterwards?",
        "Restore in the `finally` part of a `try`, which always runs.",
    ),
)
def not_restored_on_error(loss_fn, params, direction_x, direction_y, xs, ys):
    """You restore the parameters at the end, but an exception of `loss_fn` skips these lines, and the model stays
    somewhere on the grid. Restore the parameters on every way out of the function. See `try` with `finally`."""
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
        "When `loss_fn` raises, what does the caller of your function see?",
        "An `except` block that does not raise again hides the error.",
        "Restore in the `finally` part, and let the exception pass.",
    ),
)
def exception_swallowed(loss_fn, params, direction_x, direction_y, xs, ys):
    """You catch the exception of `loss_fn` and continue, so the surface has holes without an error message. Restore the
    parameters, and let the exception pass to the caller."""
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
        "Take two equal steps in x. How far is your second point from the start?",
        "Measure every point of the grid from the original parameters, not from the point before.",
        "Compute each point from the saved copy.",
    ),
)
def steps_added_up(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your steps add up: each point of the grid starts from the point before, so only the first entry is right. Entry
    [j, i] is the loss at the original parameters plus one step in each direction."""
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
        "`loss_fn` reads the tensors that it knows. Does it know your new tensors?",
        "Change the tensors in `params` in place instead of creating new ones.",
    ),
)
def parameters_rebound(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is flat: you compute new tensors, but `loss_fn` still reads the old ones. It takes no argument, so
    you must change the tensors in `params` in place."""
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
        "Do you save a real copy of the parameters? Change a parameter, and print your copy.",
        "`detach` gives a view of the same memory.",
        "Clone the tensors that you save.",
    ),
)
def copy_that_is_a_view(loss_fn, params, direction_x, direction_y, xs, ys):
    """You save a view of the parameters and not a copy: it shares their memory and changes with them. So your steps add
    up, and you restore nothing at the end. `detach` alone does not copy."""
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
        "Does your surface require grad? Does any caller need its gradient?",
        "A loss keeps its whole computation for the backward pass.",
        "Detach each loss, or work without gradients, before you store it in the grid.",
    ),
)
def graph_kept(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface carries an autograd graph: every entry keeps its whole computation in memory, for gradients that no
    caller needs. Store plain numbers in the surface."""
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
        "`requires_grad` is part of a parameter. Restore it, too.",
        "Use torch.no_grad() for your own lines instead of switching `requires_grad` off.",
    ),
)
def requires_grad_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """The surface is right, but afterwards the parameters no longer require grad, so the model cannot be trained. Work
    without gradients in your own lines only, and leave `requires_grad` unchanged."""
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
        "Call your function with non-contiguous weights, such as `torch.ones(3, 2).T`. Does the surface change along them?",
        "For a non-contiguous tensor, does `reshape(-1)` give a view or a copy?",
        "Write into the tensor itself, in its own shape.",
    ),
)
def flattened_copy(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your function does not move non-contiguous parameters, and the surface is flat along them: you write into a copy.
    For these tensors, `reshape` and `flatten` return a copy. Write into the parameters themselves."""
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
        "Call it with the parameters of an nn.Linear. What is the error message of torch?",
        "While autograd records, torch refuses to change a parameter that requires grad in place.",
        "Change the parameters without gradients everywhere.",
    ),
)
def changed_under_autograd(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your function works for plain tensors only: while autograd records, torch refuses to change parameters that
    require grad in place. The parameters of every model require grad. Move and restore them without gradients."""
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
        "A new tensor is float32 by default.",
        "Create the surface in the dtype of the parameters.",
    ),
)
def surface_in_float32(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface is always float32, which loses half of the digits of a float64 loss. It should have the dtype of
    `params`. Check the line that creates it."""
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
        "Call it with parameters in float32 and steps in float64. Which dtype does your surface have?",
        "The losses come from the parameters. Which dtype do they have?",
        "Make the surface in the dtype of the parameters.",
    ),
)
def surface_in_the_dtype_of_the_steps(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface has the dtype of `xs`, which the caller may choose freely. The losses have the dtype of the
    parameters, so the surface should have it, too. Check the line that creates the tensor."""
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
        "A global switch of torch stays off until code switches it on. Does yours, also when loss_fn raises?",
        "Switch gradients off with a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(loss_fn, params, direction_x, direction_y, xs, ys):
    """After your function, torch records no gradients anywhere, so the next training step fails. Switch gradients off
    for your own lines only."""
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


@mistake(
    "loss_surface",
    hints=(
        "Make the directions twice as long. Should the surface stay the same?",
        "How far is one step along a direction of length 5?",
        "Use the directions as they are given.",
    ),
)
def directions_of_length_1(loss_fn, params, direction_x, direction_y, xs, ys):
    """You scale each tensor of the directions to length 1. The directions are already as long as they should be,
    such as by filter normalisation: entry [j, i] is the loss at params + xs[i] * direction_x + ys[j] *
    direction_y."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(
                    params,
                    [
                        w + x * dx / dx.norm().clamp(min=1e-12) + y * dy / dy.norm().clamp(min=1e-12)
                        for w, dx, dy in zip(saved, direction_x, direction_y, strict=True)
                    ],
                )
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Let a parameter be 0. Does it move in your surface?",
        "In the formula, is a step added, or multiplied with the weights?",
        "Add the two steps to the weights.",
    ),
)
def directions_as_factors(loss_fn, params, direction_x, direction_y, xs, ys):
    """You multiply the steps with the weights, so a weight of 0 never moves. The directions are added: look at the
    formula in the docstring."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(
                    params,
                    [w * (1 + x * dx + y * dy) for w, dx, dy in zip(saved, direction_x, direction_y, strict=True)],
                )
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Use xs = [0, 10, 20]. How far apart are your points?",
        "What do `i` and `xs[i]` stand for?",
        "Multiply the directions by the values in `xs` and `ys`.",
    ),
)
def places_for_steps(loss_fn, params, direction_x, direction_y, xs, ys):
    """You walk by the places 0, 1, 2, ... of `xs` and `ys`, and not by their values. So another range gives the
    same surface."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j in range(len(ys)):
            for i in range(len(xs)):
                _put(params, _moved(saved, direction_x, direction_y, i, j))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "What is your surface at a step of 0 and 0, and what is the loss there?",
        "Is your surface the loss, or a difference of losses?",
        "Return the losses as they are.",
    ),
)
def height_above_the_centre(loss_fn, params, direction_x, direction_y, xs, ys):
    """You subtract the loss at the old parameters, so your surface is 0 there. Each entry should be the loss
    itself."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    base = loss_fn().detach()
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach() - base
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Compare one entry with the loss that you compute by hand.",
        "Which function do you apply to the loss?",
        "Store the loss itself. A picture may choose another scale.",
    ),
)
def logarithm_of_the_loss(loss_fn, params, direction_x, direction_y, xs, ys):
    """Your surface holds the logarithm of the loss. That is a matter of the picture: return the loss itself."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach().log()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Let `xs` be [0] and `ys` be [1]. Where do you evaluate the loss?",
        "Which sign has the second step in the formula?",
        "Add both steps.",
    ),
)
def second_direction_backwards(loss_fn, params, direction_x, direction_y, xs, ys):
    """You subtract the step along `direction_y`, so your picture is upside down. Both steps are added."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, -y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Give `xs` and `ys` different numbers. Which of your columns are wrong?",
        "Each axis of the surface has its own steps.",
        "Loop over `ys` for the rows, and over `xs` for the columns.",
    ),
)
def steps_of_x_for_both(loss_fn, params, direction_x, direction_y, xs, ys):
    """You take the steps of both axes from `xs`. `ys` may hold other steps: read the step along `direction_y` from it. Check
    the two loops."""
    saved = [p.detach().clone() for p in params]
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    heights = [xs[j] for j in range(len(ys))] if len(xs) >= len(ys) else ys
    try:
        for j, y in enumerate(heights):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, direction_x, direction_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface


@mistake(
    "loss_surface",
    hints=(
        "Double both directions, and halve all numbers in `xs` and `ys`. Which of your losses change? None should.",
        "How far does a step of 1 in `xs` go? Compare with the length of `direction_x`.",
        "Use the directions as they come: divide them by nothing.",
    ),
)
def whole_directions_of_length_1(loss_fn, params, direction_x, direction_y, xs, ys):
    """You scale each direction to length 1. A step of 1 in `xs` should move the parameters by the whole `direction_x`, of any
    length. Look for a division by a norm."""
    saved = [p.detach().clone() for p in params]
    lengths = [sum((d**2).sum() for d in direction) ** 0.5 for direction in (direction_x, direction_y)]
    unit_x, unit_y = (
        [d / length for d in one] for one, length in zip((direction_x, direction_y), lengths, strict=True)
    )
    surface = torch.empty(len(ys), len(xs), dtype=params[0].dtype)
    try:
        for j, y in enumerate(ys):
            for i, x in enumerate(xs):
                _put(params, _moved(saved, unit_x, unit_y, x, y))
                surface[j, i] = loss_fn().detach()
    finally:
        _put(params, saved)
    return surface
