"""Mistakes in train_epoch."""

import torch
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake


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
