"""Mistakes in interpolate."""

import torch

from grader.toolkit.mistakes import mistake


def _same_names(state_a, state_b):
    if state_a.keys() != state_b.keys():
        raise KeyError("the two states have different names")


@mistake(
    "interpolate",
    hints=(
        "Give two states with the same names in another order. Which entries belong together?",
        "How do you know that two entries are the same parameter: by their place, or by their name?",
        "Loop over the names of `state_a`, and look each name up in `state_b`.",
    ),
)
def paired_by_order(state_a, state_b, alpha):
    """You pair the entries of the two states by their order. Another state dict may list the same names in another
    order, and then you mix unrelated parameters. Pair the entries by name."""
    _same_names(state_a, state_b)
    pairs = zip(state_a.items(), state_b.values(), strict=True)
    return {
        name: (1 - alpha) * a + alpha * b.reshape(a.shape) if a.is_floating_point() else a.clone()
        for (name, a), b in pairs
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 0, which of the two states is the right result?",
        "Which of the two do you multiply by 1 - alpha?",
        "The factor of `state_a` is 1 - alpha, and the factor of `state_b` is alpha. Exchange them.",
    ),
)
def ends_exchanged(state_a, state_b, alpha):
    """Your line runs in the wrong direction: alpha = 0 gives `state_b`, and alpha = 1 gives `state_a`. The picture of
    the loss along the line would be mirrored. Compare your two factors with the formula."""
    _same_names(state_a, state_b)
    return {
        name: alpha * a + (1 - alpha) * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 1, which state is the right result? What do you get for a = 1 and b = 2?",
        "The two factors must add up to 1, for every alpha.",
        "The share of the first state must shrink while that of the second grows: multiply the first by 1 - alpha.",
    ),
)
def first_state_not_faded(state_a, state_b, alpha):
    """You add alpha times the second state to the whole first state. The two factors must add up to 1: at alpha = 1,
    nothing of `state_a` is left. Compare the factor of `state_a` with the formula."""
    _same_names(state_a, state_b)
    return {name: a + alpha * state_b[name] if a.is_floating_point() else a.clone() for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Let a = 0 and b = 2. What is the midpoint, and what does your function return?",
        "You start at the first state and add a difference. In which direction does this difference point?",
        "The difference from a to b is b - a; yours is a - b.",
    ),
)
def walks_away(state_a, state_b, alpha):
    """You start at `state_a` and move away from `state_b`: your difference has the wrong sign. At alpha = 1 you reach 2
    a - b, and not b. Check with a = 0 and b = 2."""
    _same_names(state_a, state_b)
    return {
        name: a + alpha * (a - state_b[name]) if a.is_floating_point() else a.clone() for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "`num_batches_tracked` counts batches. What would half a batch mean?",
        "Compare the dtypes of a state dict with batch normalisation before and after your function.",
        "Mix floating-point entries only; copy every other entry from `state_a`.",
    ),
)
def integers_mixed(state_a, state_b, alpha):
    """You mix all entries, also those that are not floating-point. A counter such as `num_batches_tracked` then becomes
    a fraction with another dtype. Take these entries from `state_a`."""
    _same_names(state_a, state_b)
    return {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Let a counter be 100 in one state and 200 in the other. What do you return at alpha = 0.75?",
        "Keeping the dtype is not enough: which state should a counter be taken from?",
        "Copy entries that are not floating-point from `state_a`, without any arithmetic.",
    ),
)
def integers_rounded(state_a, state_b, alpha):
    """You also mix integer entries, and convert the result back to integers. The mixture of two counters is the counter
    of neither network. Take entries that are not floating-point from `state_a`, unchanged."""
    _same_names(state_a, state_b)
    return {name: ((1 - alpha) * a + alpha * state_b[name]).to(a.dtype) for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Which entries of a state dict are not floating-point? Do they all have the same name?",
        "A model may hold an integer buffer under any name. How can you recognise it?",
        "Check each tensor's dtype instead of its name.",
    ),
)
def integers_known_by_name(state_a, state_b, alpha):
    """You recognise the entries that you must not mix by their names, or by a single dtype, so you still mix other
    integers. `num_batches_tracked` is only an example. Ask each tensor whether it is floating-point."""
    _same_names(state_a, state_b)
    return {
        name: a.clone()
        if name == "num_batches_tracked" or a.dtype == torch.bool
        else (1 - alpha) * a + alpha * state_b[name]
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Compare the names in your result with those in `state_a`, for a model with batch normalisation.",
        "`load_state_dict` reports missing entries. Which entries does your function leave out?",
        "Keep the entries that are not floating-point: copy them from `state_a`.",
    ),
)
def integers_dropped(state_a, state_b, alpha):
    """Your result lacks the entries that are not floating-point, so no model can load it. You cannot mix them, but they
    belong to the state: copy them from `state_a`."""
    _same_names(state_a, state_b)
    return {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items() if a.is_floating_point()}


@mistake(
    "interpolate",
    hints=(
        "Change the result in place, and check `state_a` again.",
        "A new dict holds the same tensors; it does not copy them.",
        "Copy the entries that you take unchanged from `state_a`.",
    ),
)
def integers_aliased(state_a, state_b, alpha):
    """Your result shares memory with `state_a`: entries that you do not mix are the same tensors. Training with the
    result would also change the first network. A new dict does not copy its tensors: clone them."""
    _same_names(state_a, state_b)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Change the result for alpha = 0 in place, and then the result for alpha = 1. Do the states change?",
        "At its ends the line needs no arithmetic, but the result still needs new tensors.",
        "Copy the tensors there, or use the formula for every alpha.",
    ),
)
def ends_aliased(state_a, state_b, alpha):
    """For alpha = 0 or 1, your result shares memory with the inputs: it holds tensors of a state itself. Training with
    the result would change that network. Return new tensors at the ends, too."""
    _same_names(state_a, state_b)
    if alpha in (0, 1):
        return {
            name: (state_b[name] if alpha and a.is_floating_point() else a.clone() if alpha else a)
            for name, a in state_a.items()
        }
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Call your function twice with the same states. Do you get the same result?",
        "Operations whose names end in an underscore overwrite their tensor.",
        "Compute a new tensor for each name and store it in a new dict.",
    ),
)
def first_state_overwritten(state_a, state_b, alpha):
    """Your function writes the mixture into the tensors of `state_a`. These tensors are the model's own, so one call
    destroys the first network. Store new tensors in the result."""
    _same_names(state_a, state_b)
    for name, a in state_a.items():
        if a.is_floating_point():
            a.mul_(1 - alpha).add_(alpha * state_b[name])
    return dict(state_a)


@mistake(
    "interpolate",
    hints=(
        "Which point of the line belongs to alpha = 2?",
        "The formula holds for every real alpha. Does your function use every alpha?",
        "Use alpha as it is, without a limit to the interval from 0 to 1.",
    ),
)
def alpha_clamped(state_a, state_b, alpha):
    """Your function stops at the two ends: it treats an alpha outside [0, 1] as 0 or 1. The line continues beyond both
    solutions, and the picture shows the loss there, too. Use alpha as it is."""
    _same_names(state_a, state_b)
    alpha = min(max(alpha, 0.0), 1.0)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "What does your function do with a name that only `state_b` has? And with a name that only `state_a` has?",
        "Your loop goes through one of the two dicts. Which names can it miss?",
        "Compare the names of both dicts first, and raise KeyError unless they are equal.",
    ),
)
def extra_names_ignored(state_a, state_b, alpha):
    """You check the names of `state_a` only: a name that only `state_b` has disappears without an error. Two states
    with different names belong to different networks. Raise KeyError if either state has an extra name."""
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Which exception does the docstring promise for different names, and which do you raise?",
        "An assertion is for the author of a function. The user of a function needs an exception.",
        "Raise KeyError in place of the other exception.",
    ),
)
def assertion_for_names(state_a, state_b, alpha):
    """For different names you raise an AssertionError. Python can switch assertions off, and a caller cannot tell them
    from other errors. The docstring promises a KeyError."""
    assert state_a.keys() == state_b.keys()
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Interpolate two states with alpha = 1. Which entries are those of the second state?",
        "Do you treat biases in another way than weights?",
        "Mix each floating-point entry, of any shape.",
    ),
)
def biases_kept(state_a, state_b, alpha):
    """You mix only entries with two or more axes: the biases stay those of the first state. A network in between has weights and
    biases in between. Look at the condition that decides which entries you mix."""
    _same_names(state_a, state_b)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() and a.dim() > 1 else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Let a counter be 100 in one state and 200 in the other. Which do you return?",
        "From which of the two states should entries come that are not mixed?",
        "Copy them from the first state.",
    ),
)
def integers_from_b(state_a, state_b, alpha):
    """You copy the entries that are not floating-point from `state_b`. The docstring asks for those of
    `state_a`."""
    _same_names(state_a, state_b)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else state_b[name].clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Call your function with alpha = 0 and with alpha = 1. Are the results different?",
        "Where does your function use alpha?",
        "Use alpha and 1 - alpha in place of fixed factors.",
    ),
)
def always_the_middle(state_a, state_b, alpha):
    """You return the middle between the two states for every alpha. At alpha = 0 it should be `state_a`, at alpha =
    1 `state_b`."""
    _same_names(state_a, state_b)
    return {name: (a + state_b[name]) / 2 if a.is_floating_point() else a.clone() for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Mix 1 and 4 at alpha = 0.5 by hand. Is it 2 or 2.5?",
        "A line has equal steps: what does the formula add for each 0.1 of alpha?",
        "Multiply the weights by 1 - alpha and alpha, and add them.",
    ),
)
def geometric_mean(state_a, state_b, alpha):
    """You mix by powers: the weights get the exponents 1 - alpha and alpha, as in a geometric mean. That loses their signs. A
    line between two points is a weighted sum: compare with the formula."""
    _same_names(state_a, state_b)
    return {
        name: a.abs() ** (1 - alpha) * state_b[name].abs() ** alpha if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "A counter is 3 in one state and 5 in the other. What should the result hold at alpha = 0.5?",
        "A mixture of two counters counts nothing, rounded or not.",
        "Copy the entries that are not floating-point from `state_a`.",
    ),
)
def integers_mixed_and_rounded(state_a, state_b, alpha):
    """You also mix integer entries, and round the result to whole numbers. The mixture of two counters is the counter of neither
    network. Take entries that are not floating-point from `state_a`, unchanged."""
    _same_names(state_a, state_b)
    mixed = {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items()}
    return {
        name: (mix if state_a[name].is_floating_point() else mix.round()).to(state_a[name].dtype)
        for name, mix in mixed.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Take alpha = 1, and change the result in place. What happens to the second network?",
        "`dict(state)` copies the names, and not the tensors.",
        "Compute the ends as any other point, or clone each tensor.",
    ),
)
def states_returned_at_the_ends(state_a, state_b, alpha):
    """For alpha = 0 or 1 you return the tensors of that state themselves: `dict(state)` copies the names only. Training with the
    result would change that network. Return new tensors at the ends, too."""
    _same_names(state_a, state_b)
    if alpha in (0, 1):
        return dict(state_b if alpha else state_a)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }
