"""Section 9, wrong on purpose."""

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake

_NAMES = ("sgd", "momentum", "adagrad", "rmsprop", "adam")


def _expect_name(name):
    if name not in _NAMES:
        raise ValueError(f"name must be one of {_NAMES}, got {name!r}")


def _expect_range(low, high, num_trials):
    if low <= 0:
        raise ValueError("low must be positive")
    if high < low:
        raise ValueError("high must not be below low")
    if num_trials < 1:
        raise ValueError("num_trials must be at least 1")


def _log_uniform(low, high, generator):
    u = torch.rand((), generator=generator, dtype=torch.float64).item()
    return min(max(low * (high / low) ** u, low), high)


def _best(trials):
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    return max(scored, key=lambda trial: trial[1])[0] if scored else None


# -- make_optimizer


@mistake(
    "make_optimizer",
    hints=(
        "Take two steps by hand with the gradient 1 both times. How long is the second step of heavy ball?",
        "Which of the five names need a setting besides the learning rate?",
        '"sgd" and "momentum" share a class of torch.optim, and differ in one keyword: give it its value from the table.',
    ),
)
def momentum_forgotten(name, params, lr):
    """Your "momentum" moves just as your "sgd" does. Both are the same class, but without momentum it keeps no velocity, and
    every step forgets the last one. Look at the settings in the row "momentum" of the table."""
    _expect_name(name)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(name, torch.optim.SGD)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Compare the very first step: heavy ball moves by the learning rate times the gradient. And yours?",
        "Nesterov looks ahead: it moves by the gradient plus 0.9 times the new velocity. Heavy ball moves by the velocity alone.",
        "Keep the momentum of 0.9, and leave Nesterov's variant switched off, as it is by default.",
    ),
)
def nesterov_momentum(name, params, lr):
    """Your "momentum" is Nesterov's: its first step is 1.9 times as long as that of the heavy ball. The table asks for the
    heavy ball of section 4, which moves by its velocity and does not look ahead."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, nesterov=True)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Give it the gradient 1 twice, from zero velocity. How large should the velocity be after the second step?",
        "With dampening, PyTorch weighs every gradient but the first by one minus the dampening.",
        "Heavy ball adds whole gradients: leave the dampening at its default, which is 0.",
    ),
)
def dampened_momentum(name, params, lr):
    """Your "momentum" weighs new gradients by 0.1 (dampening 0.9), so that the velocity is an average of gradients. Heavy ball
    adds each gradient whole, and gets up to ten times as fast. Look at which settings the table names."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9, dampening=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Make the same optimizer with lr=0.1 and with lr=0.2. Does one go twice as far in its first step?",
        "Every class of torch.optim has a learning rate of its own in store. Which one do yours take?",
        "Hand the argument `lr` on to the class that you pick, for all five names.",
    ),
)
def default_learning_rate(name, params, lr):
    """Your optimizers do not use `lr`: each takes the default of its class, whatever learning rate was asked for. A search for
    the best learning rate would compare runs that are all the same."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.Adam)(params)


@mistake(
    "make_optimizer",
    hints=(
        "Take a step with a gradient of zero. Should Adam move a weight then?",
        "There are two classes of nearly the same name in torch.optim. One of them shrinks the weights at every step.",
        "The table asks for the one without decoupled weight decay, as it was published first.",
    ),
)
def adamw_for_adam(name, params, lr):
    """Your "adam" is AdamW, which by default also shrinks every weight a little at each step (weight decay 0.01). The table asks
    for the plain Adam of section 7: look at the name of the class."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop}
    return kinds.get(name, torch.optim.AdamW)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "How long is the first step of RMSprop, in multiples of the learning rate, and how long is yours?",
        "The first step is the learning rate divided by the root of 1 - alpha. Which alpha is PyTorch's default?",
        "Pass no alpha: the table wants PyTorch's defaults for everything that it does not name.",
    ),
)
def alpha_of_rmsprop(name, params, lr):
    """Your "rmsprop" averages squared gradients with alpha = 0.9. That is a common choice elsewhere, but PyTorch's default is
    another, and everything that the table does not name is left at the defaults."""
    _expect_name(name)
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, lr=lr, alpha=0.9)
    return {"sgd": torch.optim.SGD, "adagrad": torch.optim.Adagrad}.get(name, torch.optim.Adam)(params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        "Pass `model.parameters()` itself, not a list of it. How often can one go through it?",
        "How many optimizers does a single call of yours construct?",
        "Look up the class first, and construct only the one optimizer that was asked for; or make a list of the parameters.",
    ),
)
def builds_all_five(name, params, lr):
    """You seem to construct several optimizers and then pick one. `model.parameters()` can be gone through only once, so that
    the first of them takes all parameters, and none are left for the others."""
    _expect_name(name)
    return {
        "sgd": torch.optim.SGD(params, lr=lr),
        "momentum": torch.optim.SGD(params, lr=lr, momentum=0.9),
        "adagrad": torch.optim.Adagrad(params, lr=lr),
        "rmsprop": torch.optim.RMSprop(params, lr=lr),
        "adam": torch.optim.Adam(params, lr=lr),
    }[name]


@mistake(
    "make_optimizer",
    hints=(
        'Call it with the name "newton". What comes back, and when would a training loop notice?',
        "After all the cases that you know, one is left: none of them.",
        "Raise a ValueError there; its message should list the five names.",
    ),
)
def unknown_name_gives_none(name, params, lr):
    """For an unknown name your function raises nothing, where a ValueError is promised. A slip in a configuration file is then
    noticed late and far from its cause, or never. Look at what becomes of a name that is none of the five."""
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
    }
    return kinds[name](params, lr=lr) if name in kinds else None


@mistake(
    "make_optimizer",
    hints=(
        'Call it with the name "newton", and read the exception as somebody who has not seen your code.',
        "A dictionary raises an exception of its own for an unknown key. Which one does the docstring ask for?",
        "Look whether the name is known before you use it, and raise a ValueError that lists the five names if it is not.",
    ),
)
def unknown_name_gives_key_error(name, params, lr):
    """For an unknown name your function raises the KeyError of a dictionary. The docstring promises a ValueError whose message
    lists the five names, so that whoever mistyped one can see what there is."""
    kinds = {
        "sgd": torch.optim.SGD,
        "adagrad": torch.optim.Adagrad,
        "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam,
    }
    if name == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    return kinds[name](params, lr=lr)


@mistake(
    "make_optimizer",
    hints=(
        'Call it with "adamax", which is another optimizer. Which one do you return?',
        "Does your comparison look at the whole name, or at how it begins?",
        "Compare the whole name, and raise a ValueError that lists the five names for every other.",
    ),
)
def beginning_of_the_name(name, params, lr):
    """You look at how a name begins, and so take "adamax", which is another optimizer, for "adam". Whoever asks for what you do
    not have should be told, not given something else. Compare whole names."""
    known = next((one for one in _NAMES if name.startswith(one)), None)
    _expect_name(known or name)
    if known == "momentum":
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    return kinds.get(known, torch.optim.SGD)(params, lr=lr)


# -- train_epoch


@mistake(
    "train_epoch",
    hints=(
        "Print the gradient of one parameter after each `backward()`, for a loader that gives the same batch twice.",
        "`backward()` adds to what is already in `.grad`. What is in it when your second batch begins?",
        "Forget the gradients of the last batch before those of the next one are computed, in every turn of the loop.",
    ),
)
def no_zero_grad(model, loader, optimizer):
    """Your gradients pile up: each step follows the sum of the gradients of all batches so far, as `backward()` adds to `.grad`.
    The first step is right, all later ones are not. See what the section's text says about the loop."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Two batches of 3 and 1 examples have mean losses 1 and 5. What is the mean loss of the four examples?",
        "How often does a batch's loss count in your mean? How often should it?",
        "Multiply each batch's mean by its number of examples, and divide the sum by the number of all examples.",
    ),
)
def mean_of_batch_means(model, loader, optimizer):
    """Your result is the plain mean of the batches' means, in which the examples of a small batch count more than others. The
    training itself is right: look at how the losses are put together, and at "Means of means" in the section's text."""
    model.train()
    losses = []
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@mistake(
    "train_epoch",
    hints=(
        "Call `model.eval()`, then your function, and then look at `model.training`.",
        "Somebody may have evaluated the model just before. Which layers notice that?",
        "Switch the model to train mode yourself before the first batch, whatever mode it came in.",
    ),
)
def mode_as_it_came(model, loader, optimizer):
    """You train in whichever mode the model comes in. After an evaluation that is eval mode, in which dropout is off and batch
    normalisation no longer follows the data. An epoch has to begin with train mode."""
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Run an epoch on one batch. Does the result equal the loss of the model before the call, or after it?",
        "How often is the model applied to each batch in your loop, and when?",
        "Keep the loss that `backward()` was called on: it belongs to the model before the step.",
    ),
)
def loss_after_the_step(model, loader, optimizer):
    """You report the loss of each batch *after* the step on it, which looks better than the model was and costs a second forward
    pass. The loss wanted is the one computed before the step, which the step follows."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        cross_entropy(model(X), y).backward()
        optimizer.step()
        with torch.no_grad():
            total += cross_entropy(model(X), y).item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Count the steps that the optimizer takes in an epoch of four batches.",
        "Which lines belong inside the loop over the batches?",
        "Zero the gradients, and take a step, once per batch instead of once per epoch.",
    ),
)
def one_step_per_epoch(model, loader, optimizer):
    """You take a single step per epoch, along the sum of the gradients of all batches. With mini-batches every batch makes a step
    of its own, from where the last one led. Look at which lines are inside the loop."""
    model.train()
    optimizer.zero_grad()
    total, count = 0.0, 0
    for X, y in loader:
        loss = cross_entropy(model(X), y)
        loss.backward()
        total += loss.item() * len(y)
        count += len(y)
    optimizer.step()
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Does a step get longer when a batch holds every example twice? Should it?",
        "What does your loss do with the examples of a batch: add them up, or average them?",
        "Step along the gradient of the batch's *mean* loss; for the result, weigh that mean by the size of the batch.",
    ),
)
def gradient_of_the_sum(model, loader, optimizer):
    """Your steps follow the summed loss of a batch, so that they are as many times too long as it has examples. The loss that you
    report is right. Each step belongs to the batch's mean loss."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y, reduction="sum")
        loss.backward()
        optimizer.step()
        total += loss.item()
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Take a model whose logits are far apart, such as 0 and 40. Which loss do you get for the wrong class?",
        "What does `cross_entropy` expect as its first argument: logits, or probabilities?",
        "Give it the model's output as it is: it applies log-softmax itself.",
    ),
)
def softmax_twice(model, loader, optimizer):
    """You apply a softmax to the logits, and `cross_entropy` applies another one. The loss then cannot come near zero, and its
    gradients are far too small. `cross_entropy` wants logits."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(torch.softmax(model(X), 1), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Give it a loader of a single batch, then one of two batches. What does the second batch do to the result?",
        "After the loop, which loss does your variable hold?",
        "Add up the losses inside the loop, each times the size of its batch, and divide at the end.",
    ),
)
def loss_of_the_last_batch(model, loader, optimizer):
    """You return the loss of the last batch alone. It may be a small one, and says little about the epoch; the mean over all
    examples is wanted. The steps themselves are right."""
    model.train()
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
    return loss.item()


@mistake(
    "train_epoch",
    hints=(
        "Pass `iter(batches)` in place of a list. What does your loop find in it?",
        "How often does your function go through the loader?",
        "Count the examples in the same loop that trains.",
    ),
)
def loader_gone_through_twice(model, loader, optimizer):
    """You go through the loader more than once. A generator is used up after the first time, so that there is nothing left to
    train on. Everything that you need can be counted in a single pass."""
    model.train()
    count = sum(len(y) for _, y in loader)
    total = 0.0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
    return total / count


# -- evaluate


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


# -- search_hyperparameters


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.0001 and 1. How many are below 0.01, the middle of the range on a log axis?",
        "You draw the learning rate itself uniformly. What should be uniform instead?",
        "Draw uniformly between the logarithms of `low` and `high`, and take the exponential of what comes.",
    ),
)
def uniform_on_a_linear_axis(train_and_score, low, high, num_trials, generator):
    """You draw the learning rate itself uniformly, so that nearly all trials lie in the largest decade, and small learning rates
    are hardly ever tried. What matters is the order of magnitude: its logarithm should be uniform."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = low + (high - low) * torch.rand((), generator=generator, dtype=torch.float64).item()
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores NaN, 1, 2, in this order. Which learning rate wins?",
        "Any comparison with NaN is false. What does that mean for a maximum that begins with the first score?",
        "Leave out the scores that are NaN before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_wins(train_and_score, low, high, num_trials, generator):
    """A score that is NaN wins when it comes first: no other score compares as greater, so it is never replaced. A run that
    diverged would be reported as the best."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return max(trials, key=lambda trial: trial[1])[0], trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 1, NaN, 2, in this order. Which learning rate wins?",
        "`argmax` of torch and numpy takes NaN for the largest of all numbers.",
        "Leave out the scores that are NaN before you look for the highest; if none is left, there is no best.",
    ),
)
def nan_counts_as_highest(train_and_score, low, high, num_trials, generator):
    """A score that is NaN wins wherever it comes, as if it were higher than any number; `argmax` of torch and numpy sees it so. A
    run that diverged would be reported as the best."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return trials[int(torch.tensor([score for _, score in trials], dtype=torch.float64).argmax())][0], trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with a single trial whose score is NaN. What do you return as the best learning rate?",
        "What does your best learning rate hold before any score has been looked at?",
        "Begin with None as the best, and return that if no score replaces it.",
    ),
)
def all_nan_gives_the_first(train_and_score, low, high, num_trials, generator):
    """If all scores are NaN, you return the first learning rate, as though it had been a good one. There is no best then, and
    None says so."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    best_lr = _best(trials)
    return (trials[0][0] if best_lr is None else best_lr), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 0.5 and 0.9. Is what you return a learning rate, or a score?",
        "Of each trial you know two numbers. Which of them does whoever calls you need for the next training?",
        "Return the learning rate of the trial whose score is the highest.",
    ),
)
def score_instead_of_learning_rate(train_and_score, low, high, num_trials, generator):
    """You return the highest score. It was reached by one of the learning rates, and that is what is asked for: what to train
    with from now on."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    return max((score for _, score in trials if not math.isnan(score)), default=None), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 1, 3, 2. In which order are they in your list?",
        "Does your function sort the list that it returns?",
        "Look for the best without changing the order of the trials, or sort a copy.",
    ),
)
def trials_sorted(train_and_score, low, high, num_trials, generator):
    """Your list of trials is sorted, with the best first. It should keep the order in which they were tried: that is what a log
    of the search shows, and what another run with the same generator repeats."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    trials.sort(key=lambda trial: -math.inf if math.isnan(trial[1]) else trial[1], reverse=True)
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores 0.5 and 0.9. Which of the two learning rates do you return?",
        "Is the score a loss or an accuracy? The docstring says which way is better.",
        "Look for the highest score instead of the lowest.",
    ),
)
def lower_is_better(train_and_score, low, high, num_trials, generator):
    """You return the learning rate of the *lowest* score, as if it were a loss. Here the score is something like an accuracy:
    higher is better."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    return (min(scored, key=lambda trial: trial[1])[0] if scored else None), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Make two generators with the same seed and search with each. Are the trials the same?",
        "Which of your lines draws, and from which source of randomness?",
        "Hand `generator` on to whatever draws.",
    ),
)
def global_generator(train_and_score, low, high, num_trials, generator):
    """You draw from the global random state, not from `generator`. The search cannot be repeated by seeding the generator, and it
    changes what other code draws afterwards."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, None)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores -3 and -2. Which learning rate wins?",
        "Which score does your search for the maximum begin with? Could all scores be below it?",
        "Begin with no best at all, and let the first score that is not NaN become it.",
    ),
)
def best_starts_too_high(train_and_score, low, high, num_trials, generator):
    """Your best score starts too high: where all scores are low enough, none of them wins. A score need not be an accuracy: the
    negative of a loss is below zero, and may be as low as it likes."""
    _expect_range(low, high, num_trials)
    best_lr, best_score, trials = None, 0.0, []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        trials.append((lr, score))
        if score > best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with a single trial, whose score is minus infinity. What do you return?",
        "A score has to be greater than the one that you begin with. Is every score that is not NaN greater than yours?",
        "Begin with no best at all, and let the first score that is not NaN become it, however low it is.",
    ),
)
def minus_infinity_never_wins(train_and_score, low, high, num_trials, generator):
    """A score of minus infinity, such as the negative of a loss that overflowed, never wins in your search, not even when there
    is no other. Only NaN should be left out. Look at what a score has to be greater than in order to become the best."""
    _expect_range(low, high, num_trials)
    best_lr, best_score, trials = None, -math.inf, []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        trials.append((lr, score))
        if score > best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.01 and 1. What is the largest of them?",
        "When your uniform number is 1, your learning rate should be `high`. Is it?",
        "The whole distance between the two logarithms belongs to the range, not half of it.",
    ),
)
def half_of_the_range(train_and_score, low, high, num_trials, generator):
    """Your learning rates fill only the lower half of the range on a log axis: none lies above the geometric mean of `low` and
    `high`. Check where the largest uniform number leads."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, max(low, math.sqrt(low * high)), generator)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Draw 1000 learning rates between 0.01 and 1. How many lie below 0.1, the middle of the range on a log axis?",
        "Something besides the logarithm bends your scale: is the number in your exponent uniform?",
        "Use the uniform number itself as the exponent.",
    ),
)
def exponent_squared(train_and_score, low, high, num_trials, generator):
    """Your learning rates crowd near `low`, also on a log axis: the exponent seems to be the square of a uniform number. The
    logarithm should be spread evenly."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        u = torch.rand((), generator=generator, dtype=torch.float64).item() ** 2
        lr = min(max(low * (high / low) ** u, low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with two trials, for many seeds. How often do both lie in the upper half of the range?",
        "Each of your trials seems to have a slice of the range to itself. What does the first trial then tell of the second?",
        "Draw every trial from the whole range, whatever the others have drawn.",
    ),
)
def one_trial_per_slice(train_and_score, low, high, num_trials, generator):
    """You divide the range into as many slices as there are trials, and take one learning rate from each. That fills the range
    evenly, but it is no longer random search: the trials should be independent, each drawn from the whole range."""
    _expect_range(low, high, num_trials)
    trials = []
    for place in torch.randperm(num_trials, generator=generator).tolist():
        u = (place + torch.rand((), generator=generator, dtype=torch.float64).item()) / num_trials
        lr = min(max(low * (high / low) ** u, low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search twice with generators of different seeds. Do the learning rates differ?",
        "Where does your function use `generator`?",
        "Draw each learning rate at random from the range, instead of placing them at equal distances.",
    ),
)
def fixed_grid(train_and_score, low, high, num_trials, generator):
    """You try a fixed grid: the same learning rates whatever the generator. Random search draws each of them, so that another
    seed tries other values, and two hyper-parameters never share a few of them."""
    _expect_range(low, high, num_trials)
    trials = []
    for place in range(num_trials):
        lr = min(max(low * (high / low) ** (place / max(num_trials - 1, 1)), low), high)
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Count how often `train_and_score` is called when you ask for three trials.",
        "Training is what takes long. Do you need a score again that you had already?",
        "Keep each score in a variable, and use that for the list and for the comparison.",
    ),
)
def trained_twice_per_trial(train_and_score, low, high, num_trials, generator):
    """You call `train_and_score` twice per trial, which doubles the time of the search, and may give two scores for one learning
    rate. It should be called exactly once."""
    _expect_range(low, high, num_trials)
    trials, best_lr, best_score = [], None, math.nan
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        trials.append((lr, train_and_score(lr)))
        score = train_and_score(lr)
        if not math.isnan(score) and not score <= best_score:
            best_lr, best_score = lr, score
    return best_lr, trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Search with the scores NaN and 1. How long is the list of trials that you return?",
        "Which trials does your list leave out? What would whoever plots score against learning rate miss?",
        "List every trial, also one whose score is NaN; leave it out only where you look for the best.",
    ),
)
def nan_trials_left_out(train_and_score, low, high, num_trials, generator):
    """Trials whose score is NaN are missing from your list. They were made, and they show where training diverges: such a score
    must not win, but it belongs into the list."""
    _expect_range(low, high, num_trials)
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator)
        score = train_and_score(lr)
        if not math.isnan(score):
            trials.append((lr, score))
    return _best(trials), trials


@mistake(
    "search_hyperparameters",
    hints=(
        "Call it with low = 0. What do you expect, and what comes?",
        "Is there a logarithm of 0?",
        "Refuse every `low` that is not greater than 0, with a ValueError that names it.",
    ),
)
def low_of_zero_accepted(train_and_score, low, high, num_trials, generator):
    """You accept `low = 0`, but there is no logarithm of zero: no learning rate above it is reached by finitely many decades. A
    ValueError that names `low` should be raised."""
    if low < 0:
        raise ValueError("low must not be negative")
    if high < low:
        raise ValueError("high must not be below low")
    if num_trials < 1:
        raise ValueError("num_trials must be at least 1")
    trials = []
    for _ in range(num_trials):
        lr = _log_uniform(low, high, generator) if low else low
        trials.append((lr, train_and_score(lr)))
    return _best(trials), trials


# -- train_classifier


def _network(hidden=64, *layers):
    return nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), *layers, nn.Linear(hidden, 10))


def _built(build, generator):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        return build()


def _fitted(model, X, y, generator, num_epochs=2):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(num_epochs):
        for rows in torch.randperm(len(X), generator=generator).split(128):
            shift = torch.randint(-2, 3, (2,), generator=generator).tolist()
            moved = X[rows].view(-1, 28, 28).roll(shift, (1, 2)).flatten(1)
            optimizer.zero_grad()
            cross_entropy(model(moved), y[rows]).backward()
            optimizer.step()
    return model


@mistake(
    "train_classifier",
    hints=(
        "Ask your model for its accuracy on the training images. What would pure guessing give?",
        "Does any step of an optimizer happen between building the model and returning it?",
        "Go through the training images in mini-batches, with a step after each, before you return the model.",
    ),
)
def untrained(X_train, y_train, generator):
    """The model guesses: it reads about one digit in ten, as one does that was built and never trained. Check that the steps
    reach the parameters of the model that you return."""
    return _built(_network, generator)


@mistake(
    "train_classifier",
    hints=(
        "Count the parameters of your model: `sum(p.numel() for p in model.parameters())`.",
        "A layer from 784 inputs to h outputs has 784 h weights and h biases. How large may h be?",
        "Take fewer hidden units, or convolutions, which see small patches of the image and share their weights.",
    ),
)
def too_many_parameters(X_train, y_train, generator):
    """Your model's parameters and buffers hold more than the 200,000 numbers that are allowed, and so it scores nothing, however
    well it reads. All of them count. Look for the widest layer."""
    model = _built(lambda: _network(512), generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1)


@mistake(
    "train_classifier",
    hints=(
        "What type does your result have? Can one call it with images?",
        "A state dict holds a model's numbers; it cannot compute with them.",
        "Return the model itself.",
    ),
)
def state_dict_returned(X_train, y_train, generator):
    """You return the model's state dict, or another dict of tensors. It holds the numbers, but not how to compute with them:
    the grader needs the module itself."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1).state_dict()


@mistake(
    "train_classifier",
    hints=(
        "Call your model with four images. Which shape should come, and which does?",
        "The accuracy is computed by the grader, which looks for the largest of ten scores. What is left of them?",
        "Return the ten scores per image, and leave picking the digit to whoever uses the model.",
    ),
)
def labels_instead_of_logits(X_train, y_train, generator):
    """Your model gives one number per image, it seems the digit that it read. What is asked for are the logits, ten scores per
    image: they also tell how sure the model is, and a loss can be computed of them."""

    class Reader(nn.Module):
        def __init__(self, network):
            super().__init__()
            self.network = network

        def forward(self, X):
            return torch.softmax(self.network(X), 1).argmax(1)

    model = _built(_network, generator)
    return Reader(_fitted(model, X_train[:6400], y_train[:6400], generator, num_epochs=1))


@mistake(
    "train_classifier",
    hints=(
        "Compare the accuracy on the images that it was trained on with that on images that it has not seen.",
        "How many of the 60,000 training images does your model ever see?",
        "Use all training images: go through every batch of an epoch, and through more than one epoch.",
    ),
)
def hundred_examples(X_train, y_train, generator):
    """The model reads some digits but misses the 82.5 % at which points begin, like one that saw only a small part of the
    training images. Check that each epoch goes through all of them, and how the accuracy grows from epoch to epoch."""
    model = _built(_network, generator)
    return _fitted(model, X_train[:100], y_train[:100], generator, num_epochs=20)


@mistake(
    "train_classifier",
    hints=(
        "Compare `torch.get_rng_state()` before and after a call.",
        "Building a layer draws from torch's global random state. Who puts it back?",
        "Build the model inside a block that restores the state at its end; torch.random has one.",
    ),
)
def global_state_changed(X_train, y_train, generator):
    """The training leaves torch's global random state changed: whatever draws from it next draws other numbers because of you. A
    model may be built from it, if you put it back afterwards."""
    torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
    return _fitted(_network(128), X_train, y_train, generator)


@mistake(
    "train_classifier",
    hints=(
        "Put your model into eval mode, and give it the same images twice. Are the logits the same?",
        "`model.eval()` tells modules, not functions. Do you call a dropout function in `forward`?",
        "Use the module for dropout, or tell the function whether the model is in train mode.",
    ),
)
def dropout_never_off(X_train, y_train, generator):
    """Your model is random in eval mode, too: the same images get other logits every time. Its dropout, it seems, is never
    switched off, which costs accuracy when the model is used."""

    class Dropped(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(784, 128), nn.Linear(128, 10)

        def forward(self, X):
            return self.last(nn.functional.dropout(torch.relu(self.first(X)), 0.2))

    state = torch.get_rng_state()
    model = _fitted(_built(Dropped, generator), X_train, y_train, generator)
    torch.set_rng_state(state)
    return model


@mistake(
    "train_classifier",
    hints=(
        "Give your model one image alone, then the same image among others. Are the logits the same?",
        "Over which images does your model take means when it is used?",
        "Scale by numbers that belong to the training images, or use batch normalisation that keeps running means.",
    ),
)
def scaled_by_the_batch(X_train, y_train, generator):
    """What your model says about an image depends on the other images of the batch, as if it took a mean over them. Whoever has a
    single image to read gets something else."""

    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.network = _network(128)

        def forward(self, X):
            return self.network((X - X.mean()) / X.std())

    return _fitted(_built(Scaled, generator), X_train, y_train, generator)


@mistake(
    "train_classifier",
    hints=(
        "Keep a copy of `X_train`, train, and compare.",
        "Which of your lines writes into `X_train` or `y_train`, with `+=`, a trailing underscore, or an index on the left?",
        "Write the changed images into a new tensor.",
    ),
)
def images_changed(X_train, y_train, generator):
    """You change the training images in place. Whoever trains a second model on them afterwards, or measures on them, has other
    images than they think."""
    X_train.clamp_(max=2)
    return _fitted(_built(lambda: _network(128), generator), X_train, y_train, generator)
