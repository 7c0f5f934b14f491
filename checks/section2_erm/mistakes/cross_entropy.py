"""Mistakes in cross_entropy."""

import math

import torch
from torch import nn

from grader.toolkit.mistakes import mistake
from solutions.section2_erm import log_softmax


def _of_targets(log_probabilities, targets):
    return log_probabilities[torch.arange(len(targets)), targets]


@mistake(
    "cross_entropy",
    hints=(
        "Give your function the same example once and three times over. Should the loss differ?",
        "How is the loss of a batch made from those of its examples?",
        "Take the mean over the examples in the place of the sum.",
    ),
)
def sum_instead_of_mean(logits, targets):
    """You add up the losses of the examples. The loss is their mean: a sum grows with the size of the batch, and so would its
    gradient and each step. Look at the fraction in front of the formula."""
    return -_of_targets(log_softmax(logits), targets).sum()


@mistake(
    "cross_entropy",
    hints=(
        "Add 5 to all logits. Does your loss stay the same? It should.",
        "A logit may be any number, a log-probability may not. Where do you turn one into the other?",
        "Put the logits through log_softmax before you pick the entries of the targets.",
    ),
)
def logits_not_normalised(logits, targets):
    """You take the logits themselves for log-probabilities. Such a loss has no lowest value: it falls for ever as all logits
    grow, and the wrong classes do not count at all. Look at what you pick the entries of the targets from."""
    return -_of_targets(logits, targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10), about 2.303.",
        "How many logarithms does the formula have for each example?",
        "Drop the terms with 1 - p; the wrong classes count by way of the softmax already.",
    ),
)
def binary_loss_per_class(logits, targets):
    """You add up a binary cross-entropy for each class: besides the logarithm of p for the right class, also that of 1 - p for
    all others. With softmax the classes share one probability distribution, and the loss has one logarithm per example.
    Compare the terms of your sum with the formula."""
    log_probabilities = log_softmax(logits)
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    others = torch.log(1 - torch.exp(log_probabilities))
    return -(onehot * log_probabilities + (1 - onehot) * others).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for logits (100, 0) and the target 0? It should be nearly 0.",
        "log_softmax takes logits. What do you give it?",
        "Give the logits to log_softmax as they are.",
    ),
)
def softmax_applied_twice(logits, targets):
    """You apply softmax twice: to the logits, and again inside log_softmax. Probabilities lie between 0 and 1, so after the
    second time even the surest answer is close to an even one, and the loss cannot come near 0. Look at what you give to
    log_softmax."""
    return -_of_targets(log_softmax(torch.exp(log_softmax(logits))), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Give your function logits that require a gradient, and print requires_grad of the loss.",
        "Somewhere on the way the tensor becomes a plain number, and a new tensor is made of it. Where?",
        "Use torch operations all the way to the result: no .item(), no numpy, no .detach(), no new torch.tensor.",
    ),
)
def cut_off_from_the_logits(logits, targets):
    """The value of your loss is right, but it is cut off from the logits: no gradient can come back from it, so nothing
    learns. That is what .item(), numpy, .detach() and torch.tensor do. Look for them between the logits and the result."""
    return -_of_targets(log_softmax(logits), targets).mean().detach()


@mistake(
    "cross_entropy",
    hints=(
        "Can one call .backward() on what you return?",
        "What does .item(), or float(), give, and what is lost by it?",
        "Return the 0-d tensor itself.",
    ),
)
def python_number(logits, targets):
    """You return a Python number. It has the right value, but has forgotten how it came about: no gradient can come back from
    it. The loss is to be a 0-d tensor. Look at your last line."""
    return -_of_targets(log_softmax(logits), targets).mean().item()


@mistake(
    "cross_entropy",
    hints=(
        "Is your loss positive or negative? Which sign has the logarithm of a number below 1?",
        "The loss is to become smaller as the right class becomes more likely. Does yours?",
        "The formula begins with a minus sign.",
    ),
)
def minus_sign_missing(logits, targets):
    """Your loss is never positive: it is the mean log-likelihood itself, without the minus sign. To make it small is to make
    the right classes unlikely. Look at the beginning of the formula."""
    return _of_targets(log_softmax(logits), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Add a class with a logit of -100 to each example. Does your loss change? It should not.",
        "Over how many numbers do you take the mean, and how many of these are 0 by construction?",
        "Sum over the classes first, and take the mean over the n examples.",
    ),
)
def mean_over_all_entries(logits, targets):
    """Your loss is too small by a factor of K, the number of classes: you divide by n * K, all entries of a row included.
    Only one entry per example counts, so the mean is over n numbers. Look at what your mean runs over."""
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    return -(onehot * log_softmax(logits)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of what you pick, before you take the mean. It should be (n,).",
        "With an index for the columns alone, what becomes of the rows?",
        "Pair each row with its own target: index rows and columns together, or use gather.",
    ),
)
def every_row_with_every_target(logits, targets):
    """You pick the columns of all targets from every row, n * n numbers, so that each example is also judged by the targets of
    the others. Each row is to be paired with its own target only. Look at the shape of what you pick."""
    return -log_softmax(logits)[:, targets].mean()


@mistake(
    "cross_entropy",
    hints=(
        "Take two examples whose right class has the probabilities 1/2 and 1/8. Work out the loss by hand.",
        "Is the logarithm of a mean the mean of the logarithms?",
        "Take the logarithm of each example's probability first, then the mean.",
    ),
)
def logarithm_of_the_mean(logits, targets):
    """You take the mean of the probabilities, and its logarithm after that. Then one example that is badly wrong hardly counts
    beside others that are right. The formula has the logarithm inside the sum: look at the order."""
    return -(torch.logsumexp(_of_targets(log_softmax(logits), targets), dim=0) - math.log(len(targets)))


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of what you return. What does the docstring promise?",
        "You have a loss for each example. How does one number come of them?",
        "Take their mean.",
    ),
)
def loss_per_example(logits, targets):
    """You return the loss of each example, a tensor of shape (n,). To have something to minimise, one number is needed: their
    mean, a 0-d tensor. Look at the fraction and the sum in the formula."""
    return -_of_targets(log_softmax(logits), targets)


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give when the right class has probability 1? It should be 0.",
        "What is the word *log* doing in negative log-likelihood?",
        "Average the logarithms of the probabilities, and not the probabilities.",
    ),
)
def likelihood_without_logarithm(logits, targets):
    """You average the probabilities of the right classes without taking their logarithm. Such a loss is between -1 and 0, and
    hardly tells a wrong answer from a hopeless one. Look at what stands below the sum in the formula."""
    return -torch.exp(_of_targets(log_softmax(logits), targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Try a batch in which the last class is nobody's target.",
        "How can one_hot know the number of classes, if it sees only the targets?",
        "Tell one_hot the number of classes, which is the number of columns of the logits.",
    ),
)
def one_hot_of_seen_classes(logits, targets):
    """Your one-hot rows are only as long as the largest target of the batch makes them, so they do not fit the logits where the
    last class does not occur. Torch cannot guess K from the targets: look at how you call one_hot."""
    return -(nn.functional.one_hot(targets) * log_softmax(logits)).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for the logits (10000, -10000)?",
        "log_softmax gives log-probabilities that stay finite. Do you use them as they are?",
        "Pick from the result of log_softmax, instead of exponentiating the logits again.",
    ),
)
def overflowing_softmax(logits, targets):
    """You compute probabilities, and take their logarithm afterwards. For large logits a probability is 0, or infinity divided
    by infinity, and its logarithm is no finite number. Your log_softmax has log p itself: look at how you get there."""
    exponentials = torch.exp(logits)
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return -torch.log(_of_targets(probabilities, targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Give your function the same example once and three times over. Should the loss differ?",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, and not by that of the columns.",
    ),
)
def divided_by_classes(logits, targets):
    """You divide the sum of the losses by K, the number of classes, in the place of n, the number of examples. Look at which
    axis of the logits you take the length of."""
    return -_of_targets(log_softmax(logits), targets).sum() / logits.shape[1]


@mistake(
    "cross_entropy",
    hints=(
        "Print the dtype of the loss for logits in float32.",
        "Which of your tensors is float64 whatever the logits are?",
        "Give back the dtype of the logits: convert what you multiply them by to it, or use whole numbers.",
    ),
)
def float64_loss(logits, targets):
    """Your loss is float64 even where the logits are float32, as happens when something in float64 is multiplied in. Give back
    the dtype that you were given; look for what converts it."""
    onehot = nn.functional.one_hot(targets, logits.shape[1]).double()
    return -(onehot * log_softmax(logits)).sum(dim=1).mean()
