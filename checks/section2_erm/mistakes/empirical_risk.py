"""Mistakes in empirical_risk."""

from contextlib import suppress

import torch
from torch import nn

from grader.toolkit.mistakes import mistake


def _checked(batch_size, n):
    size = n if batch_size is None else batch_size
    if not 1 <= size <= n:
        raise ValueError("batch_size must be from 1 to n")
    return size


def _measured(model, loss_fn, X, y, size):
    """The mean loss of each batch, and its number of examples, in the mode in which the model is."""
    batches = [(X[start : start + size], y[start : start + size]) for start in range(0, len(X), size)]
    return [(loss_fn(model(inputs), targets).item(), len(targets)) for inputs, targets in batches]


def _evaluated(model, loss_fn, X, y, size):
    was_training = model.training
    model.eval()
    try:
        return _measured(model, loss_fn, X, y, size)
    finally:
        model.train(was_training)


def _weighted(batches):
    return sum(loss * count for loss, count in batches) / sum(count for _, count in batches)


@mistake(
    "empirical_risk",
    hints=(
        "Work out the docstring's example by hand: two batches, of two examples and of one.",
        "If the last batch is smaller, should each of its examples count as much as the others, or more?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def unweighted_mean_of_batches(model, loss_fn, X, y, batch_size=None):
    """You take the mean of the batch means, each with the same weight. When the last batch is smaller, its examples count for
    more than the others, and the risk depends on batch_size. Look at the factor before each batch's loss in the formula."""
    size = _checked(batch_size, len(X))
    losses = [loss for loss, _ in _evaluated(model, loss_fn, X, y, size)]
    return sum(losses) / len(losses)


@mistake(
    "empirical_risk",
    hints=(
        "Which examples does your loop visit for n = 3 and batch_size = 2? Print them.",
        "What becomes of the examples that do not fill a batch?",
        "Let the last batch be smaller instead of leaving it out.",
    ),
)
def last_batch_left_out(model, loss_fn, X, y, batch_size=None):
    """You leave out the examples at the end that do not fill a whole batch. The risk is the mean over *all* n examples and is
    the same for every batch_size. Look at where your loop over the batches ends."""
    size = _checked(batch_size, len(X))
    full = len(X) // size * size
    return _weighted(_evaluated(model, loss_fn, X[:full], y[:full], size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, in batches of 3 and of 2. Should it differ?",
        "You add the last batch with a weight. How many examples does that weight stand for, and how many are there?",
        "Weigh each batch by its own number of examples, and not by batch_size.",
    ),
)
def last_batch_counted_as_full(model, loss_fn, X, y, batch_size=None):
    """You weigh every batch by batch_size, also the last one, which may have fewer examples. Then the weights add up to more
    than n. Look at the number that you multiply each batch's mean by."""
    size = _checked(batch_size, len(X))
    return sum(size * loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of one example, and of three copies of it. Should it differ?",
        "The total over all examples is right. What is missing to make it a mean?",
        "Divide the total by the number of examples.",
    ),
)
def total_instead_of_mean(model, loss_fn, X, y, batch_size=None):
    """You return the total loss of all examples and not their mean. A total grows with n, so the risks of two data sets could
    not be compared. Look at the fraction in front of the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, all at once. What should it be, and what is it?",
        "loss_fn returns a mean already. Of how many examples, and by what do you divide it again?",
        "Multiply each batch's mean by its number of examples before you add it up, if you divide by n at the end.",
    ),
)
def divided_twice(model, loss_fn, X, y, batch_size=None):
    """You add up the batch means and divide by n. But each of them has been divided by its number of examples already, so that
    your risk is too small. Look at what loss_fn returns, and at the factor before it in the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "How many batches does your loop visit for n = 3 and batch_size = 2, and by what do you divide?",
        "n // batch_size counts the full batches only. Which one is missing, and how much should it count?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def divided_by_full_batches(model, loss_fn, X, y, batch_size=None):
    """You add up the means of all batches, and divide by n // batch_size, which leaves a smaller last batch out of the count. And
    were it counted, it would weigh as much as a full one. Look at the factor before each batch's loss in the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / (len(X) // size)


@mistake(
    "empirical_risk",
    hints=(
        "What do dropout and batch normalisation do differently in training mode? Measure twice: is it the same number?",
        "In which mode is the model when your function calls it?",
        "Put the whole model into evaluation mode before the first batch.",
    ),
)
def measured_in_training_mode(model, loss_fn, X, y, batch_size=None):
    """Your model, or some layer of it, is still in training mode while you measure: dropout removes units at random, and batch
    normalisation mixes the examples of a batch and changes its statistics. A measurement needs the evaluation mode of the whole
    model. Look at what you do before the first batch."""
    size = _checked(batch_size, len(X))
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Print model.training before and after a call.",
        "Who puts the model back into training mode after you have measured?",
        "Remember the mode before you change it, and put it back at the end.",
    ),
)
def left_in_evaluation_mode(model, loss_fn, X, y, batch_size=None):
    """You leave the model in evaluation mode. Whoever measures the risk between two epochs would train on with dropout switched
    off, without any error to tell of it. Look at what you do after the last batch."""
    size = _checked(batch_size, len(X))
    model.eval()
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Put a model into evaluation mode, measure, and print model.training.",
        "Is the mode after your function always the one before it?",
        "Store model.training before you change the mode, and go back to what you stored.",
    ),
)
def always_back_to_training_mode(model, loss_fn, X, y, batch_size=None):
    """You always put the model into training mode afterwards, even if it was in evaluation mode before. A measurement should
    leave no traces: the mode afterwards is the one from before. Look at how you choose it."""
    size = _checked(batch_size, len(X))
    model.eval()
    try:
        return _weighted(_measured(model, loss_fn, X, y, size))
    finally:
        model.train()


@mistake(
    "empirical_risk",
    hints=(
        "Print len(X) in the forward of a small model, and measure five examples with batch_size=2.",
        "batch_size is there because all examples at once may not fit into memory. Where does yours cut the data?",
        "Cut X and y into pieces of batch_size examples, and give the model one piece at a time.",
    ),
)
def batches_ignored(model, loss_fn, X, y, batch_size=None):
    """The risk is right, but more examples go through your model at a time than batch_size allows. With the whole training
    set of a large model that would not fit into memory. Look at what you give to the model in one call."""
    _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, len(X)))


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception, catch it, and print model.training.",
        "Which of your lines are skipped when loss_fn raises?",
        "Put the line that brings back the mode into a finally block.",
    ),
)
def mode_lost_on_exception(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, your function ends before it has put the mode back, and the model stays in evaluation
    mode. Python has a statement for what must happen in any case. Look at the path that an exception takes."""
    size = _checked(batch_size, len(X))
    was_training = model.training
    model.eval()
    risk = _weighted(_measured(model, loss_fn, X, y, size))
    model.train(was_training)
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception. Does your caller hear of it?",
        "What happens to an exception when a `finally` block returns, or an `except` block ends without raising?",
        "Put the mode back in `finally`, and return after it.",
    ),
)
def exception_swallowed(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, you put the mode back, and then return as if nothing had happened: the caller gets a
    number that is no risk. The exception should come out. Look at where you return."""
    size = _checked(batch_size, len(X))
    risk = 0.0
    with suppress(Exception):
        risk = _weighted(_evaluated(model, loss_fn, X, y, size))
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0, catch the ValueError, and print model.training.",
        "Which of your lines have run before batch_size is looked at?",
        "Look at the arguments first, and touch the model when they are good.",
    ),
)
def mode_lost_on_refusal(model, loss_fn, X, y, batch_size=None):
    """You refuse a bad batch_size, but only after you have put the model into evaluation mode, and there it stays. Whoever
    catches the error trains on in the wrong mode. Look at the order of your first lines."""
    was_training = model.training
    model.eval()
    size = _checked(batch_size, len(X))
    try:
        return _weighted(_measured(model, loss_fn, X, y, size))
    finally:
        model.train(was_training)


@mistake(
    "empirical_risk",
    hints=(
        "Print the type of what you return.",
        "The losses are tensors, so sums of them are tensors, too. What does the docstring promise?",
        "Make a Python float of it; .item() does that.",
    ),
)
def tensor_instead_of_float(model, loss_fn, X, y, batch_size=None):
    """You return a tensor. The value is right, but the docstring promises a Python float, which holds on to no graph and can be
    kept in a list or a file. Look at the type of your sum."""
    size = _checked(batch_size, len(X))
    return torch.tensor(_weighted(_evaluated(model, loss_fn, X, y, size)), dtype=X.dtype)


@mistake(
    "empirical_risk",
    hints=(
        "Print the .grad of the parameters before and after a call.",
        "Is a gradient needed to *measure* a loss?",
        "Take .backward() out; torch.no_grad keeps torch from recording what nobody needs.",
    ),
)
def gradients_accumulated(model, loss_fn, X, y, batch_size=None):
    """Your function computes gradients and leaves them in the .grad of the parameters, where the next training step would find
    them added to its own. A measurement needs no gradient. Look for .backward()."""
    size = _checked(batch_size, len(X))

    def differentiated(logits, targets):
        loss = loss_fn(logits, targets)
        loss.backward()
        return loss

    return _weighted(_evaluated(model, differentiated, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Give a parameter a .grad, measure the risk, and look at the .grad again.",
        "Which line of a training loop is about gradients, and has nothing to do in a measurement?",
        "Leave the .grad fields alone: take zero_grad out.",
    ),
)
def gradients_cleared(model, loss_fn, X, y, batch_size=None):
    """Your function clears the .grad of the parameters. Whoever has computed a gradient, and looks at the risk before the step,
    would lose it. A measurement leaves it as it is. Look for zero_grad, or an assignment to .grad."""
    size = _checked(batch_size, len(X))
    model.zero_grad()
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A switch for all of torch stays as it was set. Who switches it back, also when loss_fn raises?",
        "Switch gradients off by a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(model, loss_fn, X, y, batch_size=None):
    """After your function, torch records no gradients any more, anywhere: the next step of training fails. Switch them off for
    your own lines only."""
    size = _checked(batch_size, len(X))
    torch.set_grad_enabled(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Look at `requires_grad` of the model's parameters before and after a call.",
        "Freezing the parameters keeps gradients from being recorded. Who thaws them, and what if some were frozen before?",
        "Leave the parameters alone, and switch off the recording of gradients for your own lines.",
    ),
)
def model_frozen_for_good(model, loss_fn, X, y, batch_size=None):
    """You set requires_grad of the parameters to False, and leave it so: the model cannot be trained after it was measured.
    No gradients are needed while you measure, but that is a matter of your own lines, not of the model."""
    size = _checked(batch_size, len(X))
    model.requires_grad_(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of a model that begins with a convolution. What does it say about the shape of its input?",
        "Who knows which shape the model wants: your function, or whoever calls it?",
        "Pass rows of X to the model as they are, whatever axes come after the first.",
    ),
)
def examples_flattened_first(model, loss_fn, X, y, batch_size=None):
    """You flatten the examples before the model sees them. An MLP does not mind, but a model of images, such as one with
    convolutions, cannot take them any more. X may have any number of axes; look at what you do to it on the way."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X.reshape(len(X), -1), y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which of the arguments does your function never use?",
        "The docstring says loss_fn(logits, targets). Which loss do you compute?",
        "Call the loss_fn that you are given, instead of a loss of your own.",
    ),
)
def loss_fn_ignored(model, loss_fn, X, y, batch_size=None):
    """You measure the cross-entropy, whatever loss_fn you are given. The empirical risk is the mean of any loss: the caller
    chooses it. Look at which function you call with the logits."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, nn.functional.cross_entropy, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which argument does loss_fn expect first?",
        "What shape has the first argument that you pass to loss_fn?",
        "Pass the logits first, and the targets second.",
    ),
)
def loss_arguments_swapped(model, loss_fn, X, y, batch_size=None):
    """You call loss_fn with the targets first. Its first argument is the logits, (b, K), its second the targets, (b,); few losses
    are the same the other way round. Look at the order in the docstring."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, lambda logits, targets: loss_fn(targets, logits), X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=-1. How many batches does it visit, and what does it return?",
        "The docstring lists which batch sizes must be refused, and with which exception.",
        "Before you touch the model, raise a ValueError that names batch_size if it is not from 1 to n.",
    ),
)
def batch_size_not_checked(model, loss_fn, X, y, batch_size=None):
    """Your function takes any batch_size, even a negative one: it then visits no example at all, and returns a number all the
    same. What the docstring lists under Raises must be refused before you begin."""
    size = len(X) if batch_size is None else batch_size
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0. What comes back?",
        "Which values does Python take for false, besides None?",
        "Compare with None explicitly.",
    ),
)
def zero_taken_for_none(model, loss_fn, X, y, batch_size=None):
    """You take a batch_size of 0 as if none were given. In a condition Python counts 0 as false, like None, but a batch of no
    examples is an error and must be refused. Look at how you ask whether batch_size was given."""
    size = _checked(batch_size or None, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with three examples and batch_size=4. What comes back?",
        "The docstring names two ends between which batch_size must lie. Which do you check?",
        "Refuse a batch_size above n as well.",
    ),
)
def batch_larger_than_data_accepted(model, loss_fn, X, y, batch_size=None):
    """You refuse a batch_size that is too small, but not one above n. There is no such batch, so somebody has made an error, and
    had better hear of it. Look at the upper end of your condition."""
    if batch_size is not None and batch_size < 1:
        raise ValueError("batch_size must be from 1 to n")
    return _weighted(_evaluated(model, loss_fn, X, y, batch_size or len(X)))
