"""Mistakes in permute_hidden_units."""

import torch

from grader.toolkit.mistakes import mistake


def _entries(state):
    return [entry.detach() for entry in state.values()]


def _is_order(order, width):
    return sorted(int(unit) for unit in order) == list(range(width))


def _units(state, order):
    """The order as a tensor. Raises ValueError if it is no permutation of the units."""
    width = len(_entries(state)[1])
    if not _is_order(order, width):
        raise ValueError(f"order must hold each of the {width} units once")
    return torch.as_tensor(order, dtype=torch.int64)


def _state(state, *entries):
    return dict(zip(state, entries, strict=True))


def _permuted(state, units):
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output[:, units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0]. Which old unit should stand first in the result?",
        "There are two ways to read an order: where each unit comes from, or where each unit goes.",
        "Read from place order[j] and write to place j, not the other way round.",
    ),
)
def inverse_order(state, order):
    """You apply the inverse order: you put old unit j at place order[j]. Here unit j of the result is old unit order[j].
    The function is still the same, but your network is another twin. Try [1, 2, 0]; an exchange of two units hides this
    mistake."""
    return _permuted(state, _units(state, order).argsort())


@mistake(
    "permute_hidden_units",
    hints=(
        "Is your order applied to the units as they were, also for the last of them?",
        "In a loop that writes into the same tensor, some rows are overwritten before you read them.",
        "Read from the old tensors and write into new ones.",
    ),
)
def overwritten_rows_read(state, order):
    """You move the units one after the other within the same tensor, so that later ones are read from places that you have
    already overwritten. Some units occur twice and others are lost. Read from the old tensors, write into new ones."""
    units = _units(state, order).tolist()
    hidden, biases, output, bias = (entry.clone() for entry in _entries(state))
    for place, unit in enumerate(units):
        hidden[place], biases[place], output[:, place] = (
            hidden[unit].clone(),
            biases[unit].clone(),
            output[:, unit].clone(),
        )
    return _state(state, hidden, biases, output, bias)


@mistake(
    "permute_hidden_units",
    hints=(
        "Compute the outputs of the network before and after your function, for a random input. Are they equal?",
        "A hidden unit has weights on two sides: from the inputs, and to the outputs.",
        "Put the columns of the output weights into the new order, too.",
    ),
)
def output_weights_not_moved(state, order):
    """You move the hidden weights and biases, but leave the output weights in the old order. So each output reads the wrong
    units, and the function changes. A unit's weights to the outputs are a column of the output weights."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output.clone(), bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "Compute the outputs of the network before and after your function, for a random input. Are they equal?",
        "How many numbers belong to a hidden unit? Count its weights from the inputs, its bias, its weights to the outputs.",
        "Put the rows of the hidden weights and the hidden biases into the new order, too.",
    ),
)
def output_weights_only(state, order):
    """You move the output weights only: the hidden weights and biases keep the old order. So each output reads the wrong
    units, and the function changes. Row j of the hidden weights and hidden bias j belong to unit j."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden.clone(), biases.clone(), output[:, units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "Which of the four entries change, and which stay?",
        "A hidden unit has a threshold of its own.",
        "Put the hidden biases into the new order, together with the rows of the hidden weights.",
    ),
)
def biases_not_moved(state, order):
    """You leave the hidden biases in the old order, so that each unit gets the bias of another unit. The function changes.
    Move a unit's bias together with its weights."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases.clone(), output[:, units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "What is the shape of the output weights, and which axis belongs to the hidden units?",
        "A linear layer holds a row for each of its outputs, and a column for each of its inputs.",
        "The hidden units are the inputs of the output layer: permute columns there.",
    ),
)
def output_rows_moved(state, order):
    """You permute the rows of the output weights. A row belongs to an output of the network, and a column to a hidden unit.
    Check along which axis you index the last layer."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output[units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "What is the shape of the hidden weights, and which axis belongs to the hidden units?",
        "A linear layer holds a row for each of its outputs, and a column for each of its inputs.",
        "The hidden units are the outputs of the first layer: permute rows there.",
    ),
)
def input_columns_moved(state, order):
    """You permute the columns of the hidden weights. A column belongs to an input, and a row to a hidden unit. Check along
    which axis you index the first layer."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[:, units], biases[units], output[:, units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "How many numbers does the output bias have?",
        "The output bias belongs to the outputs, and their order does not change.",
        "Copy the last entry as it is.",
    ),
)
def output_bias_moved(state, order):
    """You also permute the output bias. It belongs to the outputs and not to the hidden units, and the outputs keep their
    order. Copy it unchanged."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output[:, units], bias[units])


@mistake(
    "permute_hidden_units",
    hints=(
        "Which old unit does the number 0 in `order` name?",
        "Python counts from zero, and so does `order`.",
        "Use the numbers of `order` as they are.",
    ),
)
def counted_from_one(state, order):
    """You read `order` as if its numbers began at 1, so that each place gets the unit before the right one. The units are
    numbered 0, ..., width - 1. Use the numbers as they are."""
    return _permuted(state, _units(state, order) - 1)


@mistake(
    "permute_hidden_units",
    hints=(
        "Which names does your result have, and which has `state`?",
        "A network has four entries, also if one of them does not change.",
        "Store a copy of the output bias in the result, too.",
    ),
)
def output_bias_dropped(state, order):
    """Your result lacks the output bias, so no network can load it. It does not change, but it belongs to the network.
    Copy it."""
    units = _units(state, order)
    hidden, biases, output, _ = _entries(state)
    return dict(zip(state, (hidden[units], biases[units], output[:, units]), strict=False))


@mistake(
    "permute_hidden_units",
    hints=(
        "Print the names of your result. Can `load_state_dict` of the network use them?",
        "The result has the names of `state`.",
        "Take the names from `state`, and do not invent new ones.",
    ),
)
def other_names(state, order):
    """Your result has other names than `state`, so the network cannot load it. Take the names from `state`."""
    return dict(zip(("W1", "b1", "W2", "b2"), _permuted(state, _units(state, order)).values(), strict=True))


@mistake(
    "permute_hidden_units",
    hints=(
        "Change the output bias of the result in place. Does `state` change, too?",
        "A new dict can hold the old tensors.",
        "Clone the entry that you take over unchanged.",
    ),
)
def output_bias_shared(state, order):
    """The output bias of your result is the same tensor as in `state`: to train one network would change the other. A new
    dict does not copy its tensors. Clone the entry that stays as it is."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output[:, units], bias)


@mistake(
    "permute_hidden_units",
    hints=(
        "What do you return for `order` = [0, 1, 2]? Change it in place, and look at `state`.",
        "If nothing moves, the result must still have its own memory.",
        "Remove the special case, or clone each entry there.",
    ),
)
def same_order_shared(state, order):
    """If the order does not change, your result holds the tensors of `state` themselves. To train one network would then
    change the other. Return new tensors for every order."""
    units = _units(state, order)
    return dict(state) if units.tolist() == list(range(len(units))) else _permuted(state, units)


@mistake(
    "permute_hidden_units",
    hints=(
        "Print `state` before and after a call.",
        "Does your function write into tensors that belong to the caller?",
        "Store new tensors in a new dict.",
    ),
)
def state_overwritten(state, order):
    """Your function writes the new order into the tensors of `state`. They may be a model's own, so the caller loses the
    network as it was. Build new tensors and a new dict."""
    for entry, moved in zip(_entries(state), _permuted(state, _units(state, order)).values(), strict=True):
        entry.copy_(moved)
    return state


@mistake(
    "permute_hidden_units",
    hints=(
        "What does your function return for `order` = [0, 1, 1]? And for [0, 1]?",
        "An index works for every list of units, also if one is missing.",
        "Before you use `order`, compare it, sorted, with the list of all units.",
    ),
)
def any_order_accepted(state, order):
    """You use `order` without a test. With a repeated or missing unit you return a network with another function, and no
    error. Raise ValueError unless each unit occurs exactly once."""
    return _permuted(state, torch.as_tensor(order, dtype=torch.int64))


@mistake(
    "permute_hidden_units",
    hints=(
        "Does `order` = [0, 1, 1] have the right length?",
        "The right length and the right range are not enough: a unit may occur twice, and another never.",
        "Compare the sorted numbers with all units.",
    ),
)
def repeats_accepted(state, order):
    """You accept an order that repeats a unit: another unit is then missing, and the function changes. The right length
    and the right range are not enough. Test that each unit occurs exactly once."""
    width, units = len(_entries(state)[1]), [int(unit) for unit in order]
    if len(units) != width or not all(0 <= unit < width for unit in units):
        raise ValueError("order must hold numbers of units, one for each unit")
    return _permuted(state, torch.tensor(units))


@mistake(
    "permute_hidden_units",
    hints=(
        "What does your function return for `order` = [0, 1] and three units?",
        "All numbers are different and none is too large. What is missing?",
        "Compare the length of `order` with the number of units.",
    ),
)
def shorter_order_accepted(state, order):
    """You accept an order that is too short, and return a smaller network. Test that every unit occurs, not only that no
    unit occurs twice."""
    width, units = len(_entries(state)[1]), [int(unit) for unit in order]
    if len(set(units)) != len(units) or not all(0 <= unit < width for unit in units):
        raise ValueError("order must hold different units")
    return _permuted(state, torch.tensor(units, dtype=torch.int64))


@mistake(
    "permute_hidden_units",
    hints=(
        "What does your function return for `order` = [0, 1, 2, 0] and three units?",
        "A set forgets how often a number occurs.",
        "Compare sorted lists in place of sets, or the length, too.",
    ),
)
def compared_as_sets(state, order):
    """You accept an order that is too long and repeats a unit. A set of its numbers does not show repeats. Compare the
    sorted numbers with all units."""
    width, units = len(_entries(state)[1]), [int(unit) for unit in order]
    if set(units) != set(range(width)):
        raise ValueError("order must hold all units")
    return _permuted(state, torch.tensor(units))


@mistake(
    "permute_hidden_units",
    hints=(
        "What does your function do with `order` = [0, -1, 1]?",
        "Python and torch count negative indices from the end.",
        "Refuse negative numbers: only 0, ..., width - 1 name a unit.",
    ),
)
def negative_units_accepted(state, order):
    """You accept negative numbers in `order`. They count from the end, so no unit is lost, but no unit has such a number,
    and the caller probably made a mistake. Accept 0, ..., width - 1 only."""
    width, units = len(_entries(state)[1]), torch.as_tensor(order, dtype=torch.int64)
    if not _is_order(units % width, width) or bool((units < -width).any()) or bool((units >= width).any()):
        raise ValueError("order must hold each unit once")
    return _permuted(state, units)


@mistake(
    "permute_hidden_units",
    hints=(
        "Call your function with `torch.tensor([1, 0, 2])` in place of a list.",
        "The items of a tensor are tensors, and two tensors are different items of a set, also if they are equal.",
        "Convert `order` to a list of ints first, for example with `tolist`.",
    ),
)
def tensor_refused(state, order):
    """You refuse an `order` that is a tensor, although it is right. Its items are tensors, which a comparison made for ints
    does not recognise. Convert the tensor to a list of ints first."""
    if not isinstance(order, list):
        raise ValueError("order must hold each unit once")
    return _permuted(state, _units(state, order))


@mistake(
    "permute_hidden_units",
    hints=(
        "Which exception do you raise for `order` = [0, 1, 1], and what does its message name?",
        "An assertion is for the author of a function. The user of a function needs an exception.",
        "Raise ValueError with the name `order` in its message.",
    ),
)
def assertion_for_order(state, order):
    """For a wrong order you raise an AssertionError. Python can switch assertions off, and a caller cannot tell them from
    other errors. The docstring promises a ValueError."""
    assert _is_order(order, len(_entries(state)[1]))
    return _permuted(state, torch.as_tensor(order, dtype=torch.int64))


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0] and write down which old unit stands at each place.",
        "Which index do you use for each of the three tensors?",
        "Use `order` itself, once, for rows, biases and columns.",
    ),
)
def output_by_the_inverse(state, order):
    """Your hidden weights and biases are in the right order, but the columns of the output weights follow the
    inverse order. A unit needs its own weights on both sides: use the same order for all three."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units], biases[units], output[:, units.argsort()], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0] and write down which old unit stands at each place.",
        "Which index do you use for each of the three tensors?",
        "Use `order` itself, once, for rows, biases and columns.",
    ),
)
def hidden_layer_by_the_inverse(state, order):
    """The columns of your output weights are in the right order, but the hidden weights and biases follow the
    inverse order. A unit needs its own weights on both sides: use the same order for all three."""
    units = _units(state, order)
    hidden, biases, output, bias = _entries(state)
    return _state(state, hidden[units.argsort()], biases[units.argsort()], output[:, units], bias.clone())


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0] and write down which old unit stands at each place.",
        "Which index do you use for each of the three tensors?",
        "Use `order` itself, once, for rows, biases and columns.",
    ),
)
def order_applied_twice(state, order):
    """You apply the order twice: unit j of your result is unit order[order[j]]. The function is the same, but your
    network is another twin. Read from the old tensors once."""
    units = _units(state, order)
    return _permuted(state, units[units])


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0] and write down which old unit stands at each place.",
        "Which index do you use for each of the three tensors?",
        "Use `order` itself, once, for rows, biases and columns.",
    ),
)
def order_sorted(state, order):
    """You sort the order before you use it, so the units stay where they were. Use the order as it is given;
    sorting is for its test alone."""
    units = _units(state, order)
    return _permuted(state, units.sort().values)


@mistake(
    "permute_hidden_units",
    hints=(
        "Print `state` before and after a call.",
        "Does your new dict hold tensors of its own? Is each row still the old one when you read it?",
        "Read from the old tensors and write into new ones.",
    ),
)
def state_overwritten_row_by_row(state, order):
    """You write the units into the tensors of `state` itself, one after the other. So `state` changes, and later units are read
    from rows that you have already overwritten. A new dict with the same tensors is no copy: write into new tensors."""
    hidden, biases, output, bias = _entries(state)
    for place, unit in enumerate(_units(state, order).tolist()):
        hidden[place], biases[place], output[:, place] = hidden[unit], biases[unit], output[:, unit]
    return _state(state, hidden, biases, output, bias)


@mistake(
    "permute_hidden_units",
    hints=(
        "Take `order` = [1, 2, 0]. Which old unit stands in each place of your result?",
        "After the first exchange, does unit order[1] still stand in place order[1]?",
        "Read all units from the old tensors at once, and write them into new ones.",
    ),
)
def exchanged_one_pair_after_another(state, order):
    """You exchange unit j with unit order[j], one pair after another. A later exchange then moves units that already were in
    their places, so the result has another order. Read all units from the old tensors."""
    hidden, biases, output, bias = (entry.clone() for entry in _entries(state))
    for place, unit in enumerate(_units(state, order).tolist()):
        pair, turned = [place, unit], [unit, place]
        hidden[pair], biases[pair], output[:, pair] = hidden[turned], biases[turned], output[:, turned]
    return _state(state, hidden, biases, output, bias)
