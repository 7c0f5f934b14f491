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
        "Call your function with one example, and with three copies of it. Should the loss differ?",
        "How does the formula combine the losses of the examples?",
        "Take the mean over the examples instead of the sum.",
    ),
)
def sum_instead_of_mean(logits, targets):
    """You add up the losses of the examples. The loss is their mean: a sum grows with the batch size, and so do its
    gradient and each step. Look at the fraction in front of the formula."""
    return -_of_targets(log_softmax(logits), targets).sum()


@mistake(
    "cross_entropy",
    hints=(
        "Add 5 to all logits. Does your loss stay the same? It should.",
        "A logit may be any number, a log-probability may not. Where do you convert?",
        "Apply log_softmax to the logits before you pick the entries of the targets.",
    ),
)
def logits_not_normalised(logits, targets):
    """You use the logits themselves as log-probabilities. This loss has no minimum: it falls without limit as all
    logits grow, and the wrong classes do not count. Look at where you pick the entries of the targets from."""
    return -_of_targets(logits, targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10), about 2.303.",
        "How many logarithms does the formula have per example?",
        "Remove the terms with 1 - p; the wrong classes already count through the softmax.",
    ),
)
def binary_loss_per_class(logits, targets):
    """You add up a binary cross-entropy for each class: log p for the right class, and also log(1 - p) for all others.
    With softmax the classes share one probability distribution, and the loss has one logarithm per example. Compare the
    terms of your sum with the formula."""
    log_probabilities = log_softmax(logits)
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    others = torch.log(1 - torch.exp(log_probabilities))
    return -torch.where(onehot.bool(), log_probabilities, others).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss for the logits (100, 0) and the target 0? It should be almost 0.",
        "log_softmax expects logits. What do you pass to it?",
        "Pass the logits to log_softmax unchanged.",
    ),
)
def softmax_applied_twice(logits, targets):
    """You apply softmax twice: to the logits, and again inside log_softmax. Probabilities lie between 0 and 1, so after
    the second softmax even a very sure prediction is almost uniform, and the loss stays far from 0. Look at the
    argument of log_softmax."""
    return -_of_targets(log_softmax(torch.exp(log_softmax(logits))), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Pass logits that require a gradient, and print requires_grad of the loss.",
        "Somewhere the tensor becomes a plain number, and you build a new tensor from it. Where?",
        "Use torch operations all the way to the result: no .item(), no numpy, no .detach(), no new torch.tensor.",
    ),
)
def cut_off_from_the_logits(logits, targets):
    """The value of your loss is right, but the loss is cut off from the logits: no gradient can flow back, so nothing
    learns. .item(), numpy, .detach() and torch.tensor do that. Look for them between the logits and the result."""
    return -_of_targets(log_softmax(logits), targets).mean().detach()


@mistake(
    "cross_entropy",
    hints=(
        "Can you call .backward() on your result?",
        "What do .item() and float() return, and what do they lose?",
        "Return the 0-d tensor itself.",
    ),
)
def python_number(logits, targets):
    """You return a Python number. Its value is right, but it has no graph: no gradient can flow back from it. Return a
    0-d tensor. Look at your last line."""
    return -_of_targets(log_softmax(logits), targets).mean().item()


@mistake(
    "cross_entropy",
    hints=(
        "Is your loss positive or negative? Which sign does the logarithm of a number below 1 have?",
        "The loss should become smaller as the right class becomes more likely. Does yours?",
        "The formula starts with a minus sign.",
    ),
)
def minus_sign_missing(logits, targets):
    """Your loss is never positive: it is the mean log-likelihood without the minus sign. Minimising it makes the right
    classes unlikely. Look at the beginning of the formula."""
    return _of_targets(log_softmax(logits), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Add a class with a logit of -100 to each example. Does your loss change? It should not.",
        "How many numbers does your mean include, and how many of them are always 0?",
        "Sum over the classes first, and take the mean over the n examples.",
    ),
)
def mean_over_all_entries(logits, targets):
    """Your loss is too small by a factor of K, the number of classes: you divide by n * K, the number of all entries.
    Only one entry per example counts, so the mean is over n numbers. Look at the axes of your mean."""
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    return -(onehot * log_softmax(logits)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of the entries that you pick, before the mean. It should be (n,).",
        "If you index only the columns, which rows do you get?",
        "Pair each row with its own target: index rows and columns together, or use gather.",
    ),
)
def every_row_with_every_target(logits, targets):
    """You pick the columns of all targets from every row: n * n numbers. So each example also counts the targets of the
    others. Pair each row with its own target only. Look at the shape of the entries that you pick."""
    return -log_softmax(logits)[:, targets].mean()


@mistake(
    "cross_entropy",
    hints=(
        "Take two examples whose right classes have probabilities 1/2 and 1/8. Compute the loss by hand.",
        "Is the logarithm of a mean the mean of the logarithms?",
        "Take the logarithm of each example's probability first, then the mean.",
    ),
)
def logarithm_of_the_mean(logits, targets):
    """You take the mean of the probabilities first, and its logarithm afterwards. Then one very wrong example hardly
    counts beside right ones. In the formula the logarithm is inside the sum: look at the order."""
    return -(torch.logsumexp(_of_targets(log_softmax(logits), targets), dim=0) - math.log(len(targets)))


@mistake(
    "cross_entropy",
    hints=(
        "Print the shape of your result. What does the docstring promise?",
        "You have a loss for each example. How does the formula turn them into one number?",
        "Take their mean.",
    ),
)
def loss_per_example(logits, targets):
    """You return the loss of each example, a tensor of shape (n,). Minimising needs a single number: the mean, a 0-d
    tensor. Look at the fraction and the sum in the formula."""
    return -_of_targets(log_softmax(logits), targets)


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss when the right class has probability 1? It should be 0.",
        "The loss is a negative *log*-likelihood. Where is the logarithm in your code?",
        "Average the logarithms of the probabilities, not the probabilities.",
    ),
)
def likelihood_without_logarithm(logits, targets):
    """You average the probabilities of the right classes without their logarithm. This loss lies between -1 and 0, and
    hardly distinguishes a wrong prediction from a hopeless one. Look at the term inside the sum of the formula."""
    return -torch.exp(_of_targets(log_softmax(logits), targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Try a batch in which no example has the last class as its target.",
        "one_hot sees only the targets. How can it know the number of classes?",
        "Tell one_hot the number of classes: the number of columns of the logits.",
    ),
)
def one_hot_of_seen_classes(logits, targets):
    """Your one-hot rows are only as long as the largest target of the batch requires, so they do not fit the logits if
    the last class does not occur. Torch cannot know K from the targets: look at how you call one_hot."""
    return -(nn.functional.one_hot(targets) * log_softmax(logits)).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss for the logits (10000, -10000)?",
        "The log-probabilities of log_softmax stay finite. Do you use them directly?",
        "Pick entries from the result of log_softmax; do not exponentiate the logits again.",
    ),
)
def overflowing_softmax(logits, targets):
    """You compute probabilities, and take their logarithm afterwards. For large logits a probability becomes 0, or
    infinity divided by infinity, and its logarithm is not finite. log_softmax gives log p directly: look at how you
    compute log p."""
    exponentials = torch.exp(logits)
    probabilities = exponentials / exponentials.sum(dim=1, keepdim=True)
    return -torch.log(_of_targets(probabilities, targets)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Call your function with one example, and with three copies of it. Should the loss differ?",
        "Which of the two lengths of the logits is n?",
        "Divide by the number of rows, not by the number of columns.",
    ),
)
def divided_by_classes(logits, targets):
    """You divide the sum of the losses by K, the number of classes, instead of n, the number of examples. Look at which
    axis of the logits you measure."""
    return -_of_targets(log_softmax(logits), targets).sum() / logits.shape[1]


@mistake(
    "cross_entropy",
    hints=(
        "Print the dtype of the loss for float32 logits.",
        "Which of your tensors is float64 for logits of any dtype?",
        "Keep the dtype of the logits: convert the other factor to it, or use integers.",
    ),
)
def float64_loss(logits, targets):
    """Your loss is float64 even if the logits are float32. This happens, for example, when you multiply by a float64
    tensor. Return the dtype of the logits; look for the operation that changes it."""
    onehot = nn.functional.one_hot(targets, logits.shape[1]).double()
    return -(onehot * log_softmax(logits)).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute the loss of two examples together, and of each alone. Is the first the mean of the others?",
        "The rows are the examples. Along which axis should probabilities add up to 1: examples or classes?",
        "Sum over the classes, dim=1, or use your log_softmax.",
    ),
)
def normalised_over_the_examples(logits, targets):
    """Your probabilities add up to 1 over the examples, down each column, so the loss of an example depends on the others. They
    must add up to 1 over the classes, along a row. Look at the dim of your sum."""
    return -_of_targets(logits - torch.logsumexp(logits, dim=0, keepdim=True), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute the loss of two examples together, and of each alone. Is the first the mean of the others?",
        "How many sums of exponentials does a batch of n examples need?",
        "One sum per row: reduce over dim=1 only, or use your log_softmax.",
    ),
)
def normalised_over_everything(logits, targets):
    """All your probabilities together add up to 1, as if the whole batch were one example. Each row needs its own sum. Look at
    the axes of your sum of exponentials."""
    return -_of_targets(logits - torch.logsumexp(logits.flatten(), dim=0), targets).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute the loss for a very sure right prediction. Which is the lowest value that yours can take?",
        "Which probability does the formula give to the target in the right answer: 1, or less?",
        "Use the logarithm of the target's probability alone.",
    ),
)
def labels_smoothed(logits, targets):
    """You smooth the labels by 0.1: a tenth of each example's loss is the mean over all classes. The formula has only the
    log-probability of the target."""
    log_probabilities = log_softmax(logits)
    return -(0.9 * _of_targets(log_probabilities, targets) + 0.1 * log_probabilities.mean(dim=1)).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Change all targets. Does your loss change?",
        "In the formula, which class's log-probability counts, and with which weight?",
        "Pick the log-probability of the target, and leave out the factor p.",
    ),
)
def entropy_of_the_predictions(logits, targets):
    """You compute the entropy of the predictions, -sum p log p, which does not depend on the targets. The cross-entropy takes
    the log-probability of the target alone, with the weight 1."""
    log_probabilities = log_softmax(logits)
    return -(log_probabilities.exp() * log_probabilities).sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute one example by hand: is there anything but -log p in the formula?",
        "By which factor does yours differ from -log p for p = 0.5?",
        "Leave out the factor before the logarithm.",
    ),
)
def weighted_by_the_error(logits, targets):
    """You multiply each example's loss by 1 - p, where p is the probability of its target, as the focal loss does. The
    cross-entropy has no such weight."""
    log_probabilities = _of_targets(log_softmax(logits), targets)
    return -((1 - log_probabilities.exp()) * log_probabilities).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Add up the probabilities of the targets, and then their log-probabilities. Which does the formula weight?",
        "Is there a p in front of the logarithm in the formula?",
        "Leave out the factor before the logarithm.",
    ),
)
def weighted_by_the_probability(logits, targets):
    """You multiply each example's loss by p, the probability of its target: -p log p. Then an example that is quite wrong
    costs nothing. The formula has -log p alone."""
    log_probabilities = _of_targets(log_softmax(logits), targets)
    return -(log_probabilities.exp() * log_probabilities).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Give your function two examples with different targets. Which target counts for the second?",
        "How many targets do you use for a batch of n examples?",
        "Pair row i with the target of example i: index with the row numbers and the targets.",
    ),
)
def target_of_the_first_for_all(logits, targets):
    """You take the target of the first example for all examples. Each row has a target of its own."""
    return -log_softmax(logits)[:, targets[0]].mean()


@mistake(
    "cross_entropy",
    hints=(
        "Which column do you pick for the target 0? In Python, -1 is the last.",
        "The targets count from 0, as columns do. What do you subtract?",
        "Use the targets themselves as numbers of the columns.",
    ),
)
def column_before_the_target(logits, targets):
    """You pick the column before the target's: the targets already count from 0. For the target 0 you get the last class."""
    return -_of_targets(log_softmax(logits), targets - 1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute the losses of two examples apart, and then of both together. How does yours combine them?",
        "How does the formula combine the losses of the examples?",
        "Take the mean over the examples.",
    ),
)
def largest_loss(logits, targets):
    """You return the loss of the worst example. The formula takes the mean over all."""
    return (-_of_targets(log_softmax(logits), targets)).max()


@mistake(
    "cross_entropy",
    hints=(
        "Call your function with two copies of one example, and with that example alone. Should the loss differ?",
        "How many losses do you add up, and by which number do you divide?",
        "Divide by n, the number of examples.",
    ),
)
def divided_by_one_less(logits, targets):
    """You divide the sum of the losses by n - 1. The mean of n losses divides by n: n - 1 belongs to an estimate of a
    variance."""
    return -_of_targets(log_softmax(logits), targets).sum() / max(len(targets) - 1, 1)


@mistake(
    "cross_entropy",
    hints=(
        "Change all targets. Does your loss change?",
        "Which entry of each row do you pick: the largest, or that of the target?",
        "Pick the log-probability of the target.",
    ),
)
def predicted_class_in_place_of_target(logits, targets):
    """You pick the log-probability of the class with the largest logit, for any target. So your loss rewards a model that is
    sure, also if it is wrong. Pick the entry of the target."""
    return -log_softmax(logits).amax(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss if the target has the probability 0? By the formula it is infinite.",
        "Where is the logarithm in your code?",
        "Take -log p of the target's probability p.",
    ),
)
def squared_errors_of_the_probabilities(logits, targets):
    """You add up the squared differences between the probabilities and the one-hot target (the Brier score). The formula has the
    logarithm of the target's probability alone, which punishes a sure mistake without limit."""
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    return (log_softmax(logits).exp() - onehot).square().sum(dim=1).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss if the target has the probability 0? By the formula it is infinite.",
        "Where is the logarithm in your code?",
        "Take -log p of the target's probability p.",
    ),
)
def one_minus_the_probability(logits, targets):
    """You average 1 - p, where p is the probability of the target. That is never above 1, so a hopeless answer costs hardly more
    than a bad one. The formula has -log p."""
    return (1 - _of_targets(log_softmax(logits), targets).exp()).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss for a very sure right answer? And for a very sure wrong answer?",
        "Which probability belongs into the logarithm: that of the target, or of its opposite?",
        "Take -log p of the target's probability p.",
    ),
)
def logarithm_of_the_opposite(logits, targets):
    """You take -log(1 - p), where p is the probability of the target: the surer a right answer, the larger your loss. The formula
    has -log p."""
    return -torch.log(1 - _of_targets(log_softmax(logits), targets).exp()).mean()


@mistake(
    "cross_entropy",
    hints=(
        "Compute the loss of one example by hand: is there a square or a root in the formula?",
        "What do the square and the root do to the mean of 1 and 3?",
        "Take the plain mean of the losses.",
    ),
)
def root_of_the_mean_square(logits, targets):
    """You square the loss of each example, and take the root of the mean. Then large losses count too much. The formula has the
    plain mean."""
    return _of_targets(log_softmax(logits), targets).square().mean().sqrt()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss if each target has the probability 1? It should be 0.",
        "Which function do you apply to the mean of the negative logarithms?",
        "Return the mean itself.",
    ),
)
def perplexity(logits, targets):
    """You return e to the power of the loss, which is called the perplexity. The loss is the mean of the negative logarithms
    itself."""
    return torch.exp(-_of_targets(log_softmax(logits), targets).mean())


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10), about 2.303.",
        "Do the classes compete in your loss: does one probability fall if another logit grows?",
        "Use the log_softmax of the row, and of it the entry of the target alone.",
    ),
)
def sigmoid_for_each_class(logits, targets):
    """You take the sigmoid of each logit, and the mean of a binary cross-entropy over all classes. Here the classes share one
    probability distribution, the softmax of the row, and each example has one logarithm: that of its target."""
    onehot = nn.functional.one_hot(targets, logits.shape[1]).to(logits.dtype)
    return nn.functional.binary_cross_entropy_with_logits(logits, onehot)


@mistake(
    "cross_entropy",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10), about 2.303.",
        "How many logarithms does the formula have per example, and how many numbers does your mean include?",
        "Remove the terms with 1 - p, and take the mean over the examples.",
    ),
)
def binary_loss_per_entry(logits, targets):
    """You take the mean of a binary cross-entropy over all n * K entries: log p for the right class, and also log(1 - p) for all
    others. With softmax the classes share one probability distribution, and the loss has one logarithm per example."""
    log_probabilities = log_softmax(logits)
    onehot = nn.functional.one_hot(targets, logits.shape[1])
    others = torch.log(1 - torch.exp(log_probabilities))
    return -torch.where(onehot.bool(), log_probabilities, others).mean()


@mistake(
    "cross_entropy",
    hints=(
        "What is your loss if the target's logit is the largest by 2? By the formula it is above 0.",
        "Where are the exponentials and the logarithm in your code?",
        "Take the log_softmax of each row, and of it the entry of the target.",
    ),
)
def hinge_loss(logits, targets):
    """Your loss is 0 as soon as the target's logit is above all others by 1, and it is divided by the number of classes:
    that is a hinge loss. The cross-entropy is -log p of the target, and falls further when that logit rises."""
    return nn.functional.multi_margin_loss(logits, targets)


@mistake(
    "cross_entropy",
    hints=(
        "Exchange the targets of two examples. Does your loss change? It should.",
        "Which operation changes the order of the targets?",
        "Pair row i with target i.",
    ),
)
def targets_sorted(logits, targets):
    """You sort the targets first, so they belong to other examples. Row i of the logits belongs to target i."""
    return -_of_targets(log_softmax(logits), targets.sort().values).mean()
