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
    """The mean loss of each batch and its number of examples, in the current mode of the model."""
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
        "Compute the docstring's example by hand: a batch of two examples and a batch of one.",
        "If the last batch is smaller, should each of its examples count as much as the others, or more?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def unweighted_mean_of_batches(model, loss_fn, X, y, batch_size=None):
    """You take the mean of the batch means with equal weights. If the last batch is smaller, its examples count more
    than the others, and the risk depends on batch_size. Look at the factor before each batch's loss in the formula."""
    size = _checked(batch_size, len(X))
    losses = [loss for loss, _ in _evaluated(model, loss_fn, X, y, size)]
    return sum(losses) / len(losses)


@mistake(
    "empirical_risk",
    hints=(
        "Which examples does your loop visit for n = 3 and batch_size = 2? Print them.",
        "What happens to the examples that do not fill a batch?",
        "Make the last batch smaller; do not skip it.",
    ),
)
def last_batch_left_out(model, loss_fn, X, y, batch_size=None):
    """You skip the examples at the end that do not fill a whole batch. The risk is the mean over *all* n examples, the
    same for every batch_size. Look at where your loop over the batches ends."""
    size = _checked(batch_size, len(X))
    full = len(X) // size * size
    return _weighted(_evaluated(model, loss_fn, X[:full], y[:full], size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, in batches of 3 and of 2. Should it differ?",
        "How many examples does the weight of the last batch stand for, and how many does it contain?",
        "Weight each batch by its own number of examples, not by batch_size.",
    ),
)
def last_batch_counted_as_full(model, loss_fn, X, y, batch_size=None):
    """You weight every batch by batch_size, also a smaller last batch. Then the weights add up to more than n. Look at
    the factor of each batch's mean."""
    size = _checked(batch_size, len(X))
    return sum(size * loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of one example, and of three copies of it. Should it differ?",
        "The total over all examples is right. How do you turn it into a mean?",
        "Divide the total by the number of examples.",
    ),
)
def total_instead_of_mean(model, loss_fn, X, y, batch_size=None):
    """You return the total loss of all examples, not their mean. A total grows with n, so you cannot compare the risks
    of two data sets. Look at the fraction in front of the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of three copies of one example, in one batch. What should it be, and what do you get?",
        "loss_fn already returns a mean. Over how many examples? By what do you divide it again?",
        "Multiply each batch's mean by its number of examples, add up, and divide by n at the end.",
    ),
)
def divided_twice(model, loss_fn, X, y, batch_size=None):
    """You add up the batch means and divide by n. But loss_fn has already divided each of them by its number of
    examples, so your risk is too small. Look at the result of loss_fn, and at the factor before it in the formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "How many batches does your loop visit for n = 3 and batch_size = 2, and by what do you divide?",
        "n // batch_size counts only full batches. Which batch is missing, and how much should it count?",
        "Multiply each batch's mean by its number of examples, and divide the total by n.",
    ),
)
def divided_by_full_batches(model, loss_fn, X, y, batch_size=None):
    """You add up the means of all batches and divide by n // batch_size, which does not count a smaller last batch. If
    it did, that batch would weigh as much as a full batch. Look at the factor before each batch's loss in the
    formula."""
    size = _checked(batch_size, len(X))
    return sum(loss for loss, _ in _evaluated(model, loss_fn, X, y, size)) / (len(X) // size)


@mistake(
    "empirical_risk",
    hints=(
        "What do dropout and batch normalisation do in training mode? Measure twice: do you get the same number?",
        "In which mode is the model when you call it?",
        "Put the whole model into evaluation mode before the first batch.",
    ),
)
def measured_in_training_mode(model, loss_fn, X, y, batch_size=None):
    """Your model, or some layer of it, is still in training mode while you measure. Then dropout removes units at
    random, and batch normalisation mixes the examples of a batch and changes its statistics. Check the mode before the
    first batch."""
    size = _checked(batch_size, len(X))
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Print model.training before and after a call.",
        "Which line puts the model back into training mode after the measurement?",
        "Store the mode before you change it, and restore it at the end.",
    ),
)
def left_in_evaluation_mode(model, loss_fn, X, y, batch_size=None):
    """You leave the model in evaluation mode. If you measure the risk between two epochs, training continues without
    dropout, and no error shows it. Check the mode after the last batch."""
    size = _checked(batch_size, len(X))
    model.eval()
    return _weighted(_measured(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Put a model into evaluation mode, measure, and print model.training.",
        "Is the mode after your function always the same as before?",
        "Store model.training before you change the mode, and restore the stored value.",
    ),
)
def always_back_to_training_mode(model, loss_fn, X, y, batch_size=None):
    """You always put the model into training mode afterwards, even if it was in evaluation mode before. A measurement
    must restore the mode that it found. Look at how you choose the final mode."""
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
        "batch_size exists because all examples at once may not fit into memory. Where do you split the data?",
        "Split X and y into pieces of batch_size examples, and call the model with one piece at a time.",
    ),
)
def batches_ignored(model, loss_fn, X, y, batch_size=None):
    """The risk is right, but you pass more examples to the model at a time than batch_size allows. With the whole
    training set, a large model would run out of memory. Look at the input of each call of the model."""
    _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, len(X)))


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception, catch it, and print model.training.",
        "Which of your lines are skipped when loss_fn raises?",
        "Put the line that restores the mode into a finally block.",
    ),
)
def mode_lost_on_exception(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, your function ends before it restores the mode, and the model stays in
    evaluation mode. Python has a statement for code that must run in any case. Look at the path of an exception."""
    size = _checked(batch_size, len(X))
    was_training = model.training
    model.eval()
    risk = _weighted(_measured(model, loss_fn, X, y, size))
    model.train(was_training)
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Measure with a loss_fn that raises an exception. Does the caller see the exception?",
        "What happens to an exception when a `finally` block returns, or an `except` block ends without raising?",
        "Restore the mode in `finally`, and return after it.",
    ),
)
def exception_swallowed(model, loss_fn, X, y, batch_size=None):
    """When loss_fn raises an exception, you restore the mode, but then you return a value. The caller gets a number
    that is not a risk, and no error. The exception must reach the caller: look at where you return."""
    size = _checked(batch_size, len(X))
    risk = 0.0
    with suppress(Exception):
        risk = _weighted(_evaluated(model, loss_fn, X, y, size))
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0, catch the ValueError, and print model.training.",
        "Which of your lines run before the check of batch_size?",
        "Check the arguments first, then change the mode of the model.",
    ),
)
def mode_lost_on_refusal(model, loss_fn, X, y, batch_size=None):
    """You refuse a bad batch_size, but only after you put the model into evaluation mode, and it stays there. A caller
    that catches the error continues to train in the wrong mode. Look at the order of your first lines."""
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
        "Print the type of your result.",
        "The losses are tensors, so their sums are tensors. What does the docstring promise?",
        "Convert it to a Python float, for example with .item().",
    ),
)
def tensor_instead_of_float(model, loss_fn, X, y, batch_size=None):
    """You return a tensor. The value is right, but the docstring promises a Python float, which holds no graph and can
    be stored in a list or a file. Look at the type of your sum."""
    size = _checked(batch_size, len(X))
    return torch.tensor(_weighted(_evaluated(model, loss_fn, X, y, size)), dtype=X.dtype)


@mistake(
    "empirical_risk",
    hints=(
        "Print the .grad of the parameters before and after a call.",
        "Is a gradient needed to *measure* a loss?",
        "Remove .backward(); torch.no_grad stops torch from recording a graph that is not needed.",
    ),
)
def gradients_accumulated(model, loss_fn, X, y, batch_size=None):
    """Your function computes gradients and leaves them in the .grad of the parameters. The next training step would add
    its own gradients to them. A measurement needs no gradient: look for .backward()."""
    size = _checked(batch_size, len(X))

    def differentiated(logits, targets):
        loss = loss_fn(logits, targets)
        loss.backward()
        return loss

    return _weighted(_evaluated(model, differentiated, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Give a parameter a .grad, measure the risk, and print the .grad again.",
        "Which line of a training loop handles gradients, and does not belong in a measurement?",
        "Leave the .grad of the parameters unchanged: remove zero_grad.",
    ),
)
def gradients_cleared(model, loss_fn, X, y, batch_size=None):
    """Your function clears the .grad of the parameters. If a caller computes a gradient and measures the risk before
    the step, the gradient is lost. Look for zero_grad, or an assignment to .grad."""
    size = _checked(batch_size, len(X))
    model.zero_grad()
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A global switch of torch keeps its setting. Which line switches it back, also when loss_fn raises?",
        "Switch gradients off with a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(model, loss_fn, X, y, batch_size=None):
    """After your function, torch records no gradients anywhere: the next training step fails. Switch gradients off only
    for your own lines. Look for the line that switches them off."""
    size = _checked(batch_size, len(X))
    torch.set_grad_enabled(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Look at `requires_grad` of the model's parameters before and after a call.",
        "You freeze the parameters. Which line restores their state, and what if some were frozen before?",
        "Leave the parameters unchanged, and switch off the recording of gradients for your own lines.",
    ),
)
def model_frozen_for_good(model, loss_fn, X, y, batch_size=None):
    """You set requires_grad of the parameters to False and do not restore it: after the measurement, the model cannot
    be trained. Switch off the recording of gradients for your own lines instead. Look for requires_grad."""
    size = _checked(batch_size, len(X))
    model.requires_grad_(False)
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Measure the risk of a model that starts with a convolution. What does it report about the shape of its input?",
        "Which part knows the right input shape: your function, or the model?",
        "Pass rows of X to the model with all their other axes unchanged.",
    ),
)
def examples_flattened_first(model, loss_fn, X, y, batch_size=None):
    """You flatten the examples before the model sees them. An MLP accepts that, but a model for images, such as one
    with convolutions, does not. X may have any number of axes; check your changes of X before the call."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, loss_fn, X.reshape(len(X), -1), y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which argument does your function never use?",
        "The docstring says loss_fn(logits, targets). Which loss do you compute?",
        "Call the argument loss_fn instead of a fixed loss.",
    ),
)
def loss_fn_ignored(model, loss_fn, X, y, batch_size=None):
    """You always measure the cross-entropy and ignore loss_fn. The empirical risk is the mean of any loss, and the
    caller chooses it. Look at which function you call with the logits."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, nn.functional.cross_entropy, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Which argument does loss_fn expect first?",
        "What is the shape of the first argument that you pass to loss_fn?",
        "Pass the logits first, and the targets second.",
    ),
)
def loss_arguments_swapped(model, loss_fn, X, y, batch_size=None):
    """You pass the targets to loss_fn first. Its first argument is the logits, (b, K), its second the targets, (b,);
    most losses change if you swap them. Look at the order in the docstring."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, lambda logits, targets: loss_fn(targets, logits), X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=-1. How many batches does it visit, and what does it return?",
        "The docstring lists which batch sizes raise an error, and which error.",
        "Before you touch the model, raise a ValueError that names batch_size if it is not from 1 to n.",
    ),
)
def batch_size_not_checked(model, loss_fn, X, y, batch_size=None):
    """Your function accepts any batch_size, even a negative number: then it visits no example, but still returns a
    number. Before you start, raise the error that the docstring lists under Raises."""
    size = len(X) if batch_size is None else batch_size
    return sum(loss * count for loss, count in _evaluated(model, loss_fn, X, y, size)) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with batch_size=0. What comes back?",
        "Which values does Python treat as false, besides None?",
        "Compare with None explicitly.",
    ),
)
def zero_taken_for_none(model, loss_fn, X, y, batch_size=None):
    """You treat a batch_size of 0 like None. In a condition, Python treats both as false, but a batch of no examples is
    an error and must raise ValueError. Look at how you test whether batch_size was given."""
    size = _checked(batch_size or None, len(X))
    return _weighted(_evaluated(model, loss_fn, X, y, size))


@mistake(
    "empirical_risk",
    hints=(
        "Call your function with three examples and batch_size=4. What comes back?",
        "The docstring gives a lower and an upper limit for batch_size. Which do you check?",
        "Raise ValueError for a batch_size above n too.",
    ),
)
def batch_larger_than_data_accepted(model, loss_fn, X, y, batch_size=None):
    """You refuse a batch_size that is too small, but accept one above n. There is no batch of that size, so it is
    almost certainly a bug of the caller. Look at the upper end of your condition."""
    if batch_size is not None and batch_size < 1:
        raise ValueError("batch_size must be from 1 to n")
    return _weighted(_evaluated(model, loss_fn, X, y, batch_size or len(X)))


@mistake(
    "empirical_risk",
    hints=(
        "Compute the docstring's example with batch_size=1. Which examples does your function use?",
        "May the result depend on batch_size, beyond rounding?",
        "Go through all batches, and weight each mean by its number of examples.",
    ),
)
def first_batch_only(model, loss_fn, X, y, batch_size=None):
    """You measure the first `batch_size` examples only. The batches only save memory: all n examples count, and the result does
    not depend on `batch_size`."""
    size = _checked(batch_size, len(X))
    return _evaluated(model, loss_fn, X[:size], y[:size], size)[0][0]


@mistake(
    "empirical_risk",
    hints=(
        "Compute the docstring's example with batch_size=1. Which batches count in your result?",
        "What does your variable hold after the second batch: the largest loss so far, or a total?",
        "Add up each batch's mean times its number of examples, and divide by n.",
    ),
)
def largest_batch_loss(model, loss_fn, X, y, batch_size=None):
    """You return the largest of the batch losses. The risk is the mean over all examples."""
    size = _checked(batch_size, len(X))
    return max([0.0, *(loss for loss, _ in _evaluated(model, loss_fn, X, y, size))])


@mistake(
    "empirical_risk",
    hints=(
        "Which weight has the first of three batches in your result?",
        "After the second batch you take the mean of two numbers. What does the second halving do to the first batch?",
        "Add up each batch's mean times its number of examples, and divide by n.",
    ),
)
def halved_after_each_batch(model, loss_fn, X, y, batch_size=None):
    """After each batch you take the mean of the value so far and the new loss. Then the last batch counts one half, the one
    before it a quarter, and so on. All examples count the same: add up first, and divide once."""
    size = _checked(batch_size, len(X))
    risk = 0.0
    for loss, _ in _evaluated(model, loss_fn, X, y, size):
        risk = (risk + loss) / 2
    return risk


@mistake(
    "empirical_risk",
    hints=(
        "Print the labels of your second batch, and those of the examples 2, 3, ... of y.",
        "Which labels belong to the inputs from `start` on?",
        "Cut X and y at the same places.",
    ),
)
def labels_of_the_first_batch(model, loss_fn, X, y, batch_size=None):
    """You compare each batch with the first labels of y. The inputs move on from batch to batch, and so must the labels."""
    size = _checked(batch_size, len(X))
    repeated = torch.cat([y[: len(part)] for part in X.split(size)])
    return _weighted(_evaluated(model, loss_fn, X, repeated, size))


@mistake(
    "empirical_risk",
    hints=(
        "Print `model.training` before and after your function, in both modes.",
        "Which mode did the model have before? Which one do you set?",
        "Keep `model.training` in a variable before `eval()`, and pass it to `model.train(...)`.",
    ),
)
def other_mode_afterwards(model, loss_fn, X, y, batch_size=None):
    """Afterwards the model is in the other mode than before: evaluation in place of training, and training in place of
    evaluation. A measurement must restore the mode that it found."""
    size, was_training = _checked(batch_size, len(X)), model.training
    try:
        return _weighted(_evaluated(model, loss_fn, X, y, size))
    finally:
        model.train(not was_training)


@mistake(
    "empirical_risk",
    hints=(
        "Compute the docstring's example with batch_size=2. Which examples count in your total?",
        "By which number do you divide, and how many examples have you added up?",
        "Let the last batch be smaller, and add it, too.",
    ),
)
def rest_left_out_of_the_total(model, loss_fn, X, y, batch_size=None):
    """You skip the examples at the end that do not fill a whole batch, and divide by all n. So your risk is too low. Let the last
    batch be smaller. Look at where your loop over the batches ends."""
    size = _checked(batch_size, len(X))
    batches = _evaluated(model, loss_fn, X, y, size)
    return sum(loss * count for loss, count in batches if count == size) / len(X)


@mistake(
    "empirical_risk",
    hints=(
        "What does `loss_fn` expect as its first argument? Look at Args.",
        "What do you do with the output of the model before you pass it on?",
        "Pass the output of the model to `loss_fn` as it is.",
    ),
)
def softmax_before_the_loss(model, loss_fn, X, y, batch_size=None):
    """You apply a softmax to the output of the model, and pass probabilities to `loss_fn`. It takes logits: pass the output of
    the model as it is."""
    size = _checked(batch_size, len(X))
    return _weighted(_evaluated(model, lambda logits, targets: loss_fn(logits.softmax(1), targets), X, y, size))
