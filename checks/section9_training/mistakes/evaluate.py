"""Mistakes in evaluate."""

import torch
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake


@mistake(
    "evaluate",
    hints=(
        "Evaluate a model with dropout twice. Do you get the same loss?",
        "Which layers behave differently in train mode, and which mode does your model compute in?",
        "Switch the model to eval mode before the first batch, and back to its former mode at the end.",
    ),
)
def eval_mode_forgotten(model, loader):
    """You measure in whichever mode the model comes in. In train mode dropout is active, and batch normalisation uses the batch
    at hand and updates its running means: a good model looks bad, and measuring changes it."""
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
        "How often does a batch count in your means, and how many examples does it have?",
        "Add up losses and right answers over examples, and divide by the number of all examples at the end.",
    ),
    slug="mean_of_batch_means",
)
def mean_of_batch_means_evaluated(model, loader):
    """You average over batches, not over examples: loss and accuracy of a small last batch count as much as those of a full one.
    See "Means of means" in the section's text."""
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
        "Look at `model.training` before and after a call.",
        "What happens to an epoch of training that comes after an evaluation?",
        "Remember the mode in which the model came, and put it back at the end.",
    ),
)
def left_in_eval_mode(model, loader):
    """You leave the model in eval mode. What trains it next would do so without dropout, and with batch normalisation switched
    off. Measuring should leave the model in the mode in which it came."""
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
        "Call `model.eval()`, then your function, and look at `model.training`.",
        "Not every model that is evaluated is being trained. Which mode should a finished one be in afterwards?",
        "Remember `model.training` before you change it, and put back exactly that.",
    ),
)
def always_left_in_train_mode(model, loader):
    """You always leave the model in train mode, also when it came in eval mode. Whoever uses a finished model after measuring it
    would find its dropout active again."""
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
        "What do you return for a model that gets everything right?",
        "The docstring says between which two numbers the accuracy lies.",
        "Return the fraction, without a factor of 100: percent are for the person who prints it.",
    ),
)
def percent(model, loader):
    """Your accuracy is in percent. It should be a fraction between 0 and 1: code that compares it with other fractions would take
    one percent for perfect."""
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
        "Evaluate on four examples, three of which are right. Which loss and accuracy do you expect by hand?",
        "You divide by a number in the end. Is it the number of batches, or of examples?",
        "Each batch's mean loss was multiplied by its size, so divide by the number of all examples.",
    ),
)
def divided_by_the_number_of_batches(model, loader):
    """You add up over examples, and then divide by the number of batches. Loss and accuracy come out as many times too large as
    a batch has examples on average; the accuracy may exceed 1."""
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
        "What is your loss if the logits are 0 and 900, and the class is the first?",
        "The softmax of a logit that is far below the others is rounded to 0. What is the logarithm of that?",
        "Use `cross_entropy` on the logits, or `log_softmax`, which never forms the small number.",
    ),
)
def logarithm_of_softmax(model, loader):
    """Your loss is not exact where the model is sure and wrong: a probability that is rounded to 0 has no logarithm. Such
    mistakes are what the loss should tell of. Compute it from the logits, without forming the probabilities on the way."""
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
        "A model that gives all classes the same logit has not found any. How often should it be right?",
        "Let each example have one predicted class, the first of the largest, and compare that with its class.",
    ),
)
def ties_count_as_right(model, loader):
    """Where several logits are the largest, you count an example as right if its class is any of them. A model that gives all
    classes the same logit would be right every time. Only one class can win; in the docstring see which."""
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
        "Read the worked example of the docstring: two logits are equal there.",
        "Take the first of the largest logits, as `argmax` does.",
    ),
)
def last_of_equal_wins(model, loader):
    """Of several logits that are the largest, the last one wins. In the worked example of the docstring it is the first.
    Look at how your search for the largest logit treats one that is equal to it."""
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
        "A switch for all of torch stays as it was set. Who switches it back?",
        "Switch gradients off by a `with` block or a decorator, which ends with your own lines.",
    ),
)
def gradients_off_for_good(model, loader):
    """After your function, torch records no gradients any more, anywhere: the next epoch of training fails. Switch them off for
    your own lines only."""
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
        "Look at `requires_grad` of the model's parameters before and after a call.",
        "Freezing the parameters keeps gradients from being recorded. Who thaws them, and what if some were frozen before?",
        "Leave the parameters alone, and switch off the recording of gradients for your own lines.",
    ),
)
def model_frozen_for_good(model, loader):
    """You set requires_grad of the parameters to False, and leave it so: the model cannot be trained after it was measured.
    No gradients are needed while you measure, but that is a matter of your own lines, not of the model."""
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
        "Set the `.grad` of a parameter to something, evaluate, and look at it again.",
        "Nothing learns while you measure. Which line of a training loop is not needed here?",
        "Leave the gradients alone: do not zero them, and do not compute new ones.",
    ),
)
def clears_the_gradients(model, loader):
    """You clear the parameters' gradients. Whoever evaluates between `backward()` and a step would lose them: measuring should
    change nothing at all."""
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
        "A sum of tensors is a tensor, also when it holds a single number.",
        "Make Python floats of both before you return them.",
    ),
)
def tensors_returned(model, loader):
    """You return tensors with one element. They print like numbers, but two Python floats are promised: they can be stored,
    compared and written to a file without torch."""
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
