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
        "What says that two entries are the same parameter: their place, or their name?",
        "Go through the names of `state_a`, and look each up in `state_b`.",
    ),
)
def paired_by_order(state_a, state_b, alpha):
    """You take the entries of the two states in the order in which they come. A dict is about names: the same names may come
    in another order, and then you mix parameters that have nothing to do with each other. Look at how you pair them."""
    _same_names(state_a, state_b)
    pairs = zip(state_a.items(), state_b.values(), strict=True)
    return {
        name: (1 - alpha) * a + alpha * b.reshape(a.shape) if a.is_floating_point() else a.clone()
        for (name, a), b in pairs
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 0, which of the two states should come out?",
        "Which of the two is multiplied by 1 - alpha?",
        "The weight of `state_a` is 1 - alpha, that of `state_b` is alpha. Exchange them.",
    ),
)
def ends_exchanged(state_a, state_b, alpha):
    """Your line runs the wrong way: alpha = 0 gives `state_b`, and alpha = 1 gives `state_a`. A picture of the loss along the
    line would be mirrored. Compare your two weights with the formula."""
    _same_names(state_a, state_b)
    return {
        name: alpha * a + (1 - alpha) * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "At alpha = 1, which state should come out? What do you get for a = 1 and b = 2?",
        "The two weights of a mixture add up to 1, for every alpha.",
        "The first state must fade out as the second fades in: it is multiplied by 1 - alpha.",
    ),
)
def first_state_not_faded(state_a, state_b, alpha):
    """You add alpha times the second state to the whole first state. The weights of a mixture add up to 1: at alpha = 1
    nothing of `state_a` should be left. Compare the factor of `state_a` with the formula."""
    _same_names(state_a, state_b)
    return {name: a + alpha * state_b[name] if a.is_floating_point() else a.clone() for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Let a = 0 and b = 2. What is halfway, and what does your function return?",
        "You go from the first state along a difference. In which direction does this difference point?",
        "The way from a to b is b - a; yours is a - b.",
    ),
)
def walks_away(state_a, state_b, alpha):
    """You start at `state_a` and walk away from `state_b`: your difference has the wrong sign. At alpha = 1 you arrive at
    2 a - b, and not at b. Check with a = 0 and b = 2."""
    _same_names(state_a, state_b)
    return {
        name: a + alpha * (a - state_b[name]) if a.is_floating_point() else a.clone() for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "What does `num_batches_tracked` count, and what would half a batch be?",
        "Look at the dtypes of a state dict with batch normalisation before and after.",
        "Mix floating-point entries only; copy every other entry from `state_a`.",
    ),
)
def integers_mixed(state_a, state_b, alpha):
    """You mix all entries, also those that are not floating-point. A counter such as `num_batches_tracked` becomes a broken
    number with another dtype. Such entries should be those of `state_a`."""
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
    """You mix integer entries, too, and round the result back to integers. A counter between two counters belongs to neither
    network. Entries that are not floating-point should be those of `state_a`, unchanged."""
    _same_names(state_a, state_b)
    return {name: ((1 - alpha) * a + alpha * state_b[name]).to(a.dtype) for name, a in state_a.items()}


@mistake(
    "interpolate",
    hints=(
        "Which entries of a state dict are not floating-point? Is there but one name for them?",
        "A model may hold an integer buffer of any name. What tells you that it is one?",
        "Ask each tensor for its dtype instead of comparing its name.",
    ),
)
def integers_known_by_name(state_a, state_b, alpha):
    """You know the entries that must not be mixed by their names or by a single dtype, and mix the others, integers among them.
    `num_batches_tracked` is only an example. Ask each tensor whether it is floating-point."""
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
        "`load_state_dict` complains about a missing entry. Which entries does your function leave out?",
        "Keep the entries that are not floating-point: copy them from `state_a`.",
    ),
)
def integers_dropped(state_a, state_b, alpha):
    """Your result lacks the entries that are not floating-point, so that no model can load it. They cannot be mixed, but
    they belong to the state: copy them from `state_a`."""
    _same_names(state_a, state_b)
    return {name: (1 - alpha) * a + alpha * state_b[name] for name, a in state_a.items() if a.is_floating_point()}


@mistake(
    "interpolate",
    hints=(
        "Change the result in place and look at `state_a` again.",
        "Putting a tensor into a new dict does not copy the tensor.",
        "The entries that you take from `state_a` as they are need a copy of their own.",
    ),
)
def integers_aliased(state_a, state_b, alpha):
    """Your result shares memory with `state_a`: the entries that are not mixed are the very same tensors. Whoever changes them in
    the result, as a counter does in training, changes the first network. A new dict does not make new tensors."""
    _same_names(state_a, state_b)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Change the result for alpha = 0 in place, and that for alpha = 1. Do the states notice?",
        "At its ends the line needs no arithmetic, but a result of its own all the same.",
        "Copy the tensors there, or let the formula make new ones as it does everywhere else.",
    ),
)
def ends_aliased(state_a, state_b, alpha):
    """At the ends of the line your result shares memory with the inputs: for alpha = 0 or 1 it holds tensors of the state
    itself. A model that trains with the result would change that network. Also there the result should be new."""
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
        "Operations that end in an underscore write into the tensor that they are called on.",
        "Compute a new tensor for each name and put it into a new dict.",
    ),
)
def first_state_overwritten(state_a, state_b, alpha):
    """Your function writes the mixture into the tensors of `state_a`. The tensors of a state dict are the model's own, so
    that the first network is lost after one call. The result should be made of new tensors."""
    _same_names(state_a, state_b)
    for name, a in state_a.items():
        if a.is_floating_point():
            a.mul_(1 - alpha).add_(alpha * state_b[name])
    return dict(state_a)


@mistake(
    "interpolate",
    hints=(
        "What lies on the line at alpha = 2?",
        "The formula makes sense for every real alpha. Does your function know that?",
        "Use alpha as it is given, without limiting it to the interval from 0 to 1.",
    ),
)
def alpha_clamped(state_a, state_b, alpha):
    """Your function stops at the two ends: an alpha outside of [0, 1] is treated as 0 or 1. The line goes on beyond both
    solutions, and what the loss does there is part of the picture. Use alpha as it comes."""
    _same_names(state_a, state_b)
    alpha = min(max(alpha, 0.0), 1.0)
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "What happens to a name that only `state_b` has? And to one that only `state_a` has?",
        "Your loop goes through one of the two dicts. What does it not see?",
        "Compare the names of both dicts before mixing, and raise KeyError unless they are the same.",
    ),
)
def extra_names_ignored(state_a, state_b, alpha):
    """You look at the names of `state_a` only: a name that only `state_b` has is dropped without a word. Two states with
    different names belong to different networks, and that should be a KeyError from either side."""
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }


@mistake(
    "interpolate",
    hints=(
        "Which exception does the docstring promise for different names, and which do you raise?",
        "An assertion is for the author of a function, an exception for its user.",
        "Raise KeyError where you now have another exception.",
    ),
)
def assertion_for_names(state_a, state_b, alpha):
    """You notice different names, but with an AssertionError. Assertions can be switched off, and a caller cannot tell them
    from other faults. The docstring promises a KeyError."""
    assert state_a.keys() == state_b.keys()
    return {
        name: (1 - alpha) * a + alpha * state_b[name] if a.is_floating_point() else a.clone()
        for name, a in state_a.items()
    }
