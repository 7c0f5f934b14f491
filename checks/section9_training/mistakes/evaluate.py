"""Mistakes in evaluate."""

import torch
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake


@mistake(
    "evaluate",
    hints=(
        "Evaluate a model with dropout twice. Do you get the same loss?",
        "Which layers differ in train mode, and in which mode do you call the model?",
        "Switch the model to eval mode before the first batch, and restore its old mode at the end.",
    ),
)
def eval_mode_forgotten(model, loader):
    """You measure in the mode in which the model is, without switching to eval mode. In train mode dropout is active,
    and batch normalisation uses the current batch and updates its running means: a good model looks bad, and measuring
    changes it. Check the mode before the first batch."""
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Two batches of 3 and 1 examples have accuracies 1 and 0. How many of the four examples are right?",
        "How many times does a batch count in your means, and how many examples does it have?",
        "Add up losses and right predictions over examples, and divide by the number of all examples at the end.",
    ),
    slug="mean_of_batch_means",
)
def mean_of_batch_means_evaluated(model, loader):
    """You average over batches, not over examples: loss and accuracy of a small last batch count as much as those of a
    full batch. Look at "Means of means" in the section's text."""
    was_training = model.training
    model.eval()
    losses, accuracies = [], []
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            losses.append(cross_entropy(logits, y).item())
            accuracies.append((logits.argmax(1) == y).double().mean().item())
    model.train(was_training)
    return sum(losses) / len(losses), sum(accuracies) / len(accuracies)


@mistake(
    "evaluate",
    hints=(
        "Print `model.training` before and after a call.",
        "What happens to an epoch of training after an evaluation?",
        "Store the mode of the model, and restore it at the end.",
    ),
)
def left_in_eval_mode(model, loader):
    """You leave the model in eval mode. Then the next training runs without dropout, and batch normalisation does not
    use the batch. Restore the mode that the model had before."""
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Call `model.eval()`, then your function, and print `model.training`.",
        "A finished model is evaluated too. In which mode should it be afterwards?",
        "Store `model.training` before you change it, and restore exactly this value.",
    ),
)
def always_left_in_train_mode(model, loader):
    """You always leave the model in train mode, even if it was in eval mode before. A finished model would then compute
    with active dropout. Restore the mode that the model had before."""
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train()
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "What do you return for a model whose predictions are all right?",
        "The docstring says between which two numbers the accuracy lies.",
        "Return the fraction, without a factor of 100; use percent only for printing.",
    ),
)
def percent(model, loader):
    """Your accuracy is in percent. It must be a fraction between 0 and 1: code that compares it with other fractions
    would take one percent for a perfect result. Look for the factor of 100."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, 100 * correct / count


@mistake(
    "evaluate",
    hints=(
        "Evaluate on four examples, three of them right. Compute loss and accuracy by hand.",
        "What do you divide by at the end: the number of batches, or of examples?",
        "You multiply each batch's mean loss by its size, so divide by the number of all examples.",
    ),
)
def divided_by_the_number_of_batches(model, loader):
    """You add up over examples, but divide by the number of batches. Loss and accuracy are too large by the mean batch
    size, and the accuracy may exceed 1. Look at your last division."""
    was_training = model.training
    model.eval()
    loss, correct, batches = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            batches += 1
    model.train(was_training)
    return loss / batches, correct / batches


@mistake(
    "evaluate",
    hints=(
        "What is your loss if the logits are 0 and 900, and the first class is right?",
        "The softmax of a logit far below the others is rounded to 0. What is its logarithm?",
        "Use `cross_entropy` on the logits, or `log_softmax`, which never computes the small probability.",
    ),
)
def logarithm_of_softmax(model, loader):
    """Your loss is not exact when the model is sure and wrong: a probability is rounded to 0, which has no logarithm.
    The loss must show exactly these mistakes. Compute it from the logits, without computing probabilities first."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += -torch.log(logits.softmax(1).gather(1, y[:, None])).mean().item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "What is your accuracy if all logits are 0?",
        "A model that gives all classes the same logit knows nothing. How often should it be right?",
        "Predict a single class for each example, the first of the largest, and compare it with the right class.",
    ),
)
def ties_count_as_right(model, loader):
    """If several logits are the largest, you count an example as right if its class is any of them. Then a model that
    gives all classes the same logit is always right. Only one class can win: the docstring says which."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.gather(1, y[:, None])[:, 0] >= logits.amax(1)).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Which class do you predict if all logits are 0?",
        "Read the example of the docstring: two logits are equal there.",
        "Take the first of the largest logits, as `argmax` does.",
    ),
)
def last_of_equal_wins(model, loader):
    """If several logits are the largest, you predict the last one. In the docstring's example the first one wins. Look
    at how your search for the largest logit treats equal values."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.shape[1] - 1 - logits.flip(1).argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "After a call, compute a small loss and call `backward()` on it. What happens?",
        "A global switch of torch keeps its setting. Which line switches it back?",
        "Switch gradients off with a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(model, loader):
    """After your function, torch records no gradients anywhere: the next epoch of training fails. Switch gradients off
    only for your own lines. Look for the line that switches them off."""
    was_training = model.training
    model.eval()
    torch.set_grad_enabled(False)
    loss, correct, count = 0.0, 0, 0
    for X, y in loader:
        logits = model(X)
        loss += cross_entropy(logits, y).item() * len(y)
        correct += int((logits.argmax(1) == y).sum())
        count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Print `requires_grad` of the model's parameters before and after a call.",
        "You freeze the parameters. Which line restores their state, and what if some were frozen before?",
        "Leave the parameters unchanged, and switch off the recording of gradients for your own lines.",
    ),
)
def model_frozen_for_good(model, loader):
    """You set requires_grad of the parameters to False and do not restore it: after the measurement, the model cannot
    be trained. Switch off the recording of gradients for your own lines instead. Look for requires_grad."""
    was_training = model.training
    model.eval()
    model.requires_grad_(False)
    loss, correct, count = 0.0, 0, 0
    for X, y in loader:
        logits = model(X)
        loss += cross_entropy(logits, y).item() * len(y)
        correct += int((logits.argmax(1) == y).sum())
        count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Set the `.grad` of a parameter, evaluate, and print it again.",
        "A measurement trains nothing. Which line of a training loop do you not need here?",
        "Leave the gradients unchanged: do not clear them, and do not compute new ones.",
    ),
)
def clears_the_gradients(model, loader):
    """You clear the parameters' gradients. If a caller evaluates between `backward()` and a step, the gradients are
    lost. Measuring must change nothing: look for zero_grad, or an assignment to .grad."""
    was_training = model.training
    model.eval()
    model.zero_grad()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Which type does each of the two results have?",
        "A sum of tensors is a tensor, even if it holds a single number.",
        "Convert both to Python floats before you return them.",
    ),
)
def tensors_returned(model, loader):
    """You return tensors with one element. They print like numbers, but the docstring promises two Python floats, which
    can be stored and compared without torch. Look at the types of your results."""
    was_training = model.training
    model.eval()
    loss, correct, count = torch.tensor(0.0), torch.tensor(0.0), 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss = loss + cross_entropy(logits, y) * len(y)
            correct = correct + (logits.argmax(1) == y).sum()
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Two batches of 3 and 1 examples have accuracies 1 and 0. How many of the four examples are right?",
        "Your loss counts each example once. What does your accuracy count once?",
        "Add up how many predictions are right, and divide by the number of all examples at the end.",
    ),
)
def accuracy_as_mean_of_batch_means(model, loader):
    """Your loss is right, but your accuracy is a mean over batches, so each example of a small last batch counts for more
    than the others. Count right predictions over all batches: see "Means of means" in the section's text."""
    was_training = model.training
    model.eval()
    loss, count, accuracies = 0.0, 0, []
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            count += len(y)
            accuracies.append((logits.argmax(1) == y).double().mean().item())
    model.train(was_training)
    return loss / count, sum(accuracies) / len(accuracies)


@mistake(
    "evaluate",
    hints=(
        "Take the probabilities 0.4, 0.3, 0.3. Which class has the largest logit?",
        "With many classes, must the best one have more than a half?",
        "Compare the place of the largest logit with the class.",
    ),
)
def right_above_a_half(model, loader):
    """You count an example as right only if its class has a probability above 1/2. With three or more classes the
    largest one may be lower: compare the place of the largest logit."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.softmax(1)[torch.arange(len(y)), y] > 0.5).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Take logits 0 and 40, with the second class right. What is your loss?",
        "What does `cross_entropy` expect: logits, or probabilities?",
        "Pass the model's output unchanged.",
    ),
)
def softmax_before_the_loss(model, loader):
    """You apply a softmax to the logits, and `cross_entropy` applies another. Then the loss cannot come near zero.
    Pass logits to `cross_entropy`."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits.softmax(1), y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "What is your accuracy if the right class always has probability 0.6?",
        "Is an example right in part?",
        "Count the examples whose largest logit is at the right place.",
    ),
)
def mean_probability(model, loader):
    """Your accuracy is the mean probability of the right class. It should be the fraction of examples whose class
    has the largest logit."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += float(logits.softmax(1)[torch.arange(len(y)), y].sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Take two equal logits. Is your loss log 2, or 1?",
        "Which logarithm does the cross-entropy have?",
        "Return it in nats, as `cross_entropy` gives it.",
    ),
)
def loss_in_bits(model, loader):
    """Your loss is in bits: you divide by log 2. Return it as `cross_entropy` gives it, in nats."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count / torch.tensor(2.0).log().item(), correct / count


@mistake(
    "evaluate",
    hints=(
        "Take the logits 3, 2, 1 and the class 1. Is the example right?",
        "How many classes may be right for one example?",
        "Compare the class with the place of the largest logit only.",
    ),
)
def second_best_counts(model, loader):
    """You count an example as right also if its class has the second largest logit. Accuracy looks at the largest
    one only."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.topk(2, dim=1).indices == y[:, None]).any(1).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "How many predictions does your argmax give for a batch of n examples?",
        "The rows are the examples. Which axis should disappear?",
        "Take the argmax over the classes, dim=1.",
    ),
)
def argmax_over_the_examples(model, loader):
    """Your predictions come from a maximum over the examples of the batch. Compare the logits of one example: the classes are the
    columns. Look at the dim of your softmax or argmax."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((torch.softmax(logits, 0).argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "What does your loss give for ten equal logits? It should be log(10).",
        "Which operation comes last in yours?",
        "Return the mean loss itself.",
    ),
)
def perplexity(model, loader):
    """You return e to the power of the mean loss, the perplexity. The docstring asks for the mean loss."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return torch.tensor(loss / count, dtype=torch.float64).exp().item(), correct / count


@mistake(
    "evaluate",
    hints=(
        "Write down your loss for one example. Is it -log p?",
        "Which loss does the docstring ask for?",
        "Use cross_entropy with the logits.",
    ),
)
def squared_error(model, loader):
    """Your loss is the squared distance between probabilities and one-hot labels. The docstring asks for the cross-entropy."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += ((logits.softmax(1) - torch.eye(logits.shape[1], dtype=logits.dtype)[y]) ** 2).mean().item() * len(
                y
            )
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Give two batches with different losses. Which number do you return?",
        "What does your variable hold after the second batch?",
        "Add up each batch's loss times its size, and divide by the number of examples.",
    ),
)
def largest_batch_loss(model, loader):
    """You return the loss of the worst batch. The result is the mean over all examples."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss = max(loss, cross_entropy(logits, y).item())
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss, correct / count


@mistake(
    "evaluate",
    hints=(
        "Give two batches, the first all right, the second all wrong. What is your accuracy?",
        "What does your variable hold after the second batch?",
        "Add up the right predictions, and divide by the number of all examples.",
    ),
)
def accuracy_of_the_last_batch(model, loader):
    """Your accuracy is that of the last batch: each batch replaces the one before. Count the right predictions of all batches."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum()) - correct
            count += len(y)
    model.train(was_training)
    return loss / count, correct / len(y)


@mistake(
    "evaluate",
    hints=(
        "Give two batches with different losses. Does the second change your loss?",
        "What do you do with the loss of each further batch?",
        "Add up each batch's loss times its size, and divide by the number of examples.",
    ),
)
def loss_of_the_first_batch(model, loader):
    """Your loss is that of the first batch, divided by the number of all examples. All batches count."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y) if not count else 0.0
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "By which number do you multiply a batch's mean before you add it up?",
        "Two batches of 3 and 1 examples have mean losses 1 and 5. What is the mean loss of the four?",
        "Multiply each batch's mean by its number of examples.",
    ),
)
def sum_of_the_batch_losses(model, loader):
    """You add up the mean losses of the batches, and divide by the number of examples, so the loss is too small. Multiply each
    batch's mean by its number of examples first."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item()
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Take two examples that are both right. What is your accuracy?",
        "How many predictions does each example have?",
        "Divide by the number of examples.",
    ),
)
def divided_by_examples_and_classes(model, loader):
    """You divide the number of right predictions by examples times classes. Each example has one prediction: divide by the number
    of examples."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum()) / logits.shape[1]
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Which is the lowest loss that a very sure, right model can get from your function?",
        "Is there an option in your loss that changes the labels?",
        "Use cross_entropy without further options.",
    ),
)
def labels_smoothed(model, loader):
    """You measure with smoothed labels (0.1). That may help training, but the docstring asks for the cross-entropy of the
    labels as they are."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y, label_smoothing=0.1).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Take the logits 3, 2, 1 and the class 1. Is the example right?",
        "May several logits be positive?",
        "Compare the class with the place of the largest logit.",
    ),
)
def positive_logit_of_the_class(model, loader):
    """You count an example as right if the logit of its class is above 0. Only the largest logit decides."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.gather(1, y[:, None]) > 0).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Two batches of 3 examples, all right. What is your accuracy?",
        "Which number do you multiply by the size of the batch: a mean, or a count?",
        "Add up the counts as they are.",
    ),
)
def accuracy_weighted_twice(model, loader):
    """You multiply the number of right predictions by the size of the batch. A count has the size in it already: only a mean
    needs the factor."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum()) * len(y)
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Give a loader with batches of 3, 3 and 1 examples. How many examples count?",
        "Does the docstring let you leave out a batch?",
        "Measure all batches, of any size.",
    ),
)
def smaller_batches_left_out(model, loader):
    """You leave out a batch that is smaller than the first. All examples count, also those of a smaller last batch."""
    was_training = model.training
    model.eval()
    loss, correct, count, size = 0.0, 0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            size = size or len(y)
            if len(y) < size:
                continue
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Give your function an iterator over batches, such as `iter(batches)`. What does the second loop get?",
        "How often do you go through the loader?",
        "Compute loss and accuracy of a batch in the same pass.",
    ),
)
def loader_gone_through_twice(model, loader):
    """You go through the loader twice, for the loss and then for the accuracy. An iterator gives its batches only once, and the
    second loop then sees none. Compute both in one pass."""
    was_training = model.training
    model.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            loss += cross_entropy(model(X), y).item() * len(y)
            count += len(y)
        for X, y in loader:
            correct += int((model(X).argmax(1) == y).sum())
    model.train(was_training)
    return loss / count, correct / count


@mistake(
    "evaluate",
    hints=(
        "Evaluate a model that is right for every example. Is your accuracy 1?",
        "Which examples do you count: those whose class is right, or the others?",
        "Count the examples in which the largest logit stands at the label.",
    ),
)
def fraction_of_wrong_answers(model, loader):
    """You return the fraction of wrong answers, which is 1 - accuracy: a model that is always right gets 0. The accuracy is the
    fraction of right ones. Check your comparison of predictions and labels."""
    was_training = model.training
    model.eval()
    loss, wrong, count = 0.0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            wrong += int((logits.argmax(1) != y).sum())
            count += len(y)
    model.train(was_training)
    return loss / count, wrong / count


@mistake(
    "evaluate",
    hints=(
        "Evaluate on four examples in two batches. Compute the mean loss by hand.",
        "What do you divide the sum of losses by: the number of batches, or of examples?",
        "You multiply each batch's mean loss by its size, so divide by the number of all examples.",
    ),
)
def loss_divided_by_the_number_of_batches(model, loader):
    """You add up the loss over examples, but divide by the number of batches. So your loss is too large by the mean batch
    size; the accuracy is right. Look at the last division of the loss."""
    was_training = model.training
    model.eval()
    loss, correct, count, batches = 0.0, 0, 0, 0
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
            batches += 1
    model.train(was_training)
    return loss / batches, correct / count
