"""Mistakes in train_epoch."""

import torch
from torch.nn.functional import cross_entropy

from grader.toolkit.mistakes import mistake


@mistake(
    "train_epoch",
    hints=(
        "Print the gradient of a parameter after each `backward()`, for a loader with the same batch twice.",
        "`backward()` adds to `.grad`. What is in it when your second batch starts?",
        "In every iteration, clear the old gradients before you compute the new ones.",
    ),
)
def no_zero_grad(model, loader, optimizer):
    """Your gradients accumulate: `backward()` adds to `.grad`, so each step follows the sum of the gradients of all
    batches so far. The first step is right, all later steps are wrong. Look at the loop in the section's text."""
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
        "How many times does a batch's loss count in your mean? How many times should it?",
        "Multiply each batch's mean by its number of examples, and divide the sum by the number of all examples.",
    ),
)
def mean_of_batch_means(model, loader, optimizer):
    """You return the mean of the batch means, in which the examples of a small batch count more than others. The
    training itself is right: look at how you combine the losses, and at "Means of means" in the section's text."""
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
        "Call `model.eval()`, then your function, and then print `model.training`.",
        "The model may have been evaluated just before. Which layers then behave differently?",
        "Switch the model to train mode before the first batch, from either mode.",
    ),
)
def mode_as_it_came(model, loader, optimizer):
    """You train in the mode in which the model is, without switching to train mode. After an evaluation this is eval
    mode: dropout is off, and batch normalisation no longer follows the data. An epoch must start with train mode."""
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
        "Run an epoch on one batch. Is the result the loss of the model before the call, or after it?",
        "How many times do you apply the model to each batch, and when?",
        "Store the loss on which you call `backward()`: it belongs to the model before the step.",
    ),
)
def loss_after_the_step(model, loader, optimizer):
    """You report the loss of each batch *after* its step. It is lower than the loss of the model before, and costs a
    second forward pass. Report the loss on which you call `backward()`."""
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
        "Count the optimizer's steps in an epoch of four batches.",
        "Which lines belong inside the loop over the batches?",
        "Clear the gradients, and make a step, once per batch instead of once per epoch.",
    ),
)
def one_step_per_epoch(model, loader, optimizer):
    """You make a single step per epoch, along the sum of the gradients of all batches. With mini-batches every batch
    makes its own step, from the current weights. Look at which lines are inside the loop."""
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
        "Does a step become longer when a batch contains every example twice? Should it?",
        "How does your loss combine the examples of a batch: does it add them up, or average them?",
        "Make the step along the gradient of the batch's *mean* loss; for the result, multiply that mean by the batch size.",
    ),
)
def gradient_of_the_sum(model, loader, optimizer):
    """Your steps follow the summed loss of a batch, so they are too long by the number of its examples. The reported
    loss is right. Use the gradient of the batch's mean loss: look at the loss on which you call `backward()`."""
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
        "Take a model with very different logits, such as 0 and 40. What is your loss for the wrong class?",
        "What does `cross_entropy` expect as its first argument: logits, or probabilities?",
        "Pass the model's output unchanged: `cross_entropy` applies log-softmax itself.",
    ),
)
def softmax_twice(model, loader, optimizer):
    """You apply a softmax to the logits, and `cross_entropy` applies another. Then the loss cannot come near zero, and
    its gradients are far too small. Pass logits to `cross_entropy`."""
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
        "Pass a loader with one batch, then a loader with two batches. How does the second batch change the result?",
        "After the loop, which loss does your variable hold?",
        "Add up the losses inside the loop, each times its batch size, and divide at the end.",
    ),
)
def loss_of_the_last_batch(model, loader, optimizer):
    """You return the loss of the last batch alone, which says little about the epoch. Return the mean over all
    examples. The steps themselves are right: check the lines about the losses in the loop."""
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
        "Pass `iter(batches)` instead of a list. What does your loop find in it?",
        "How many times does your function loop over the loader?",
        "Count the examples in the same loop that trains.",
    ),
)
def loader_gone_through_twice(model, loader, optimizer):
    """You loop over the loader more than once. A generator is empty after the first time, so nothing is left to train
    on. Count everything that you need in a single pass."""
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


@mistake(
    "train_epoch",
    hints=(
        "Print the length of the gradient after `backward()` and before `step()`. Is it ever above 1?",
        "Which line changes the gradients after `backward()`?",
        "Leave the gradients as they are.",
    ),
)
def gradients_clipped(model, loader, optimizer):
    """You shorten a gradient whose length is above 1. The docstring asks for one step per batch, along the gradient
    as it is."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "What is your loss for a class with probability 1?",
        "Which options of `cross_entropy` do you set?",
        "Call it without options.",
    ),
)
def labels_smoothed(model, loader, optimizer):
    """You smooth the labels, by 0.1. The docstring asks for the mean cross-entropy: its defaults are right."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y, label_smoothing=0.1)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Take a batch that contains each example twice. Should its mean loss change?",
        "Which mean does `cross_entropy` take already?",
        "Use its result as it is.",
    ),
)
def divided_by_the_batch_again(model, loader, optimizer):
    """You divide the loss of a batch by its size, but `cross_entropy` gives a mean already. So steps and losses are
    too small."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y) / len(y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Print the losses of all batches of an epoch. Which one do you return?",
        "Does the result depend on the second batch?",
        "Add up each batch's loss times its size, and divide by the number of examples.",
    ),
)
def loss_of_the_first_batch(model, loader, optimizer):
    """You train with all batches, but return the loss of the first. The result is the mean loss over all examples of the
    epoch."""
    model.train()
    total, count = 0.0, 0
    loader = list(loader)
    first = loader[0][1]
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y) if not count else 0.0
        count += len(y)
    return total / len(first)


@mistake(
    "train_epoch",
    hints=(
        "What would your function return for a model that is always right, but not sure?",
        "Which quantity does the docstring promise?",
        "Return the mean of the cross-entropy over all examples.",
    ),
)
def error_rate_returned(model, loader, optimizer):
    """You return the share of wrong predictions. The docstring asks for the mean training loss."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        logits = model(X)
        optimizer.zero_grad()
        loss = cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        total += int((logits.argmax(1) != y).sum())
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Print `model.training` after your function.",
        "Who switches the model to eval mode: the training, or who measures?",
        "Leave the model in train mode.",
    ),
)
def left_in_eval_mode_after_training(model, loader, optimizer):
    """You train in train mode, but leave the model in eval mode. The docstring asks for train mode afterwards."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    model.eval()
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Print the losses during the epoch, and those after it. Which are asked for?",
        "When do you measure the loss of a batch: before or after the steps of the other batches?",
        "Use the loss of each step: the loop has it already.",
    ),
)
def measured_in_a_second_pass(model, loader, optimizer):
    """You measure the loss of all batches once more after the last step. The result is the mean of the losses during the
    epoch, each before the step of its batch: they cost no second pass, and a loader may be gone through only once."""
    model.train()
    batches = list(loader)
    for X, y in batches:
        optimizer.zero_grad()
        cross_entropy(model(X), y).backward()
        optimizer.step()
    with torch.no_grad():
        total = sum(cross_entropy(model(X), y).item() * len(y) for X, y in batches)
    return total / sum(len(y) for _, y in batches)


@mistake(
    "train_epoch",
    hints=(
        "Which weight has the first of many batches in your result?",
        "A fading average forgets the beginning of an epoch. Does the docstring ask for that?",
        "Add up each batch's loss times its size, and divide by the number of examples.",
    ),
)
def fading_mean(model, loader, optimizer):
    """You return a fading average of the losses: 0.9 times the old value plus 0.1 times the new loss. The result is the plain
    mean over all examples."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total = 0.9 * total + 0.1 * loss.item() if count else loss.item()
        count += len(y)
    return total


@mistake(
    "train_epoch",
    hints=(
        "Print the lr of the optimizer's groups before and after an epoch.",
        "Who chooses the learning rate: the optimizer's owner, or your loop?",
        "Leave the groups of the optimizer as they are.",
    ),
)
def lr_falls_in_each_step(model, loader, optimizer):
    """You multiply the optimizer's lr by 0.99 after each step. The function makes steps with the optimizer as it is; a
    schedule is the caller's choice."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        for group in optimizer.param_groups:
            group["lr"] *= 0.99
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "What happens to the mean of a batch before your model sees it?",
        "Will a single image be treated in the same way when the model is used?",
        "Give the model X as the loader gives it.",
    ),
)
def batches_standardised(model, loader, optimizer):
    """You shift and scale each batch to mean 0 and standard deviation 1 before the model sees it. Then an example depends on
    the others of its batch. The loader's inputs are already prepared."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model((X - X.mean()) / X.std()), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Write down your loss for one example with the probability p for its class. Is it -log p?",
        "Which loss does the text ask for?",
        "Use cross_entropy with the logits.",
    ),
)
def squared_error_of_probabilities(model, loader, optimizer):
    """You train with the squared distance between probabilities and one-hot labels. The text asks for the cross-entropy."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        probabilities = model(X).softmax(1)
        right = torch.nn.functional.one_hot(y, probabilities.shape[1]).to(probabilities.dtype)
        loss = ((probabilities - right) ** 2).mean()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Give a loader with batches of 3, 3 and 1 examples. How many steps do you make?",
        "Does the docstring let you leave out a batch?",
        "Make a step for each batch, of any size.",
    ),
)
def smaller_batches_left_out(model, loader, optimizer):
    """You leave out a batch that is smaller than the first. Each batch of the loader counts, also a smaller last one."""
    model.train()
    total, count, size = 0.0, 0, 0
    for X, y in loader:
        size = size or len(y)
        if len(y) < size:
            continue
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
        "Compute the loss of one batch by hand. Is there a term in yours that does not depend on the labels?",
        "Who decides about weight decay: the optimizer, or your loop?",
        "Use the cross-entropy alone.",
    ),
)
def weights_in_the_loss(model, loader, optimizer):
    """You add 0.0001 times the sum of the squared weights to the loss. The text asks for the cross-entropy alone; weight decay
    is a setting of the optimizer."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y) + 1e-4 * sum((w**2).sum() for w in model.parameters())
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Two batches of 3 and 1 examples have mean losses 1 and 5. What is the mean loss of the four examples?",
        "By which number do you divide, and what does your sum count?",
        "Divide the sum by the number of all examples.",
    ),
)
def total_divided_by_batches(model, loader, optimizer):
    """You make a step for each batch, but divide the sum of the losses by the number of batches, with each loss already weighted
    by its number of examples. Divide by the number of examples."""
    model.train()
    total, count = 0.0, 0
    batches = 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        batches += 1
        total += loss.item() * len(y)
        count += len(y)
    return total / batches


@mistake(
    "train_epoch",
    hints=(
        "Call `model.eval()`, then your function, and then print `model.training`.",
        "In which mode does the docstring leave the model?",
        "Leave the model in train mode: remove the line that restores the old one.",
    ),
)
def old_mode_restored(model, loader, optimizer):
    """You train in train mode and then restore the mode in which the model came. That is what `evaluate` does; an epoch leaves
    the model in train mode. Check the line after your loop."""
    before = model.training
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    model.train(before)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Count the optimizer's steps in an epoch of four batches.",
        "Which lines belong inside the loop over the batches?",
        "Compute the gradient and make a step once per batch instead of once per epoch.",
    ),
)
def one_step_along_the_mean(model, loader, optimizer):
    """You make a single step per epoch, along the gradient of the mean loss of all examples. With mini-batches every batch makes
    its own step, and the next batch's loss is measured after it. Look at which lines are inside the loop."""
    model.train()
    optimizer.zero_grad()
    total, count = 0.0, 0
    for X, y in loader:
        total = total + cross_entropy(model(X), y) * len(y)
        count += len(y)
    mean = total / count
    mean.backward()
    optimizer.step()
    return mean.item()


@mistake(
    "train_epoch",
    hints=(
        "Compare the parameters before and after an epoch.",
        "What does `.grad` hold when your optimizer makes its step?",
        "Clear the gradients before `backward()`, and not between it and the step.",
    ),
)
def parameters_stay(model, loader, optimizer):
    """Your parameters do not change. Is there an `optimizer.step()` for each batch? If so, do you clear the gradients between
    `backward()` and the step, which then finds none? Clear them before `backward()`."""
    model.train()
    total, count = 0.0, 0
    for X, y in loader:
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


@mistake(
    "train_epoch",
    hints=(
        "Count the optimizer's steps in an epoch of four batches. There should be four.",
        "Which lines run for only some of the batches?",
        "Clear the gradients and make a step for every batch.",
    ),
)
def step_after_every_second_batch(model, loader, optimizer):
    """You make a step only after every second batch, along the sum of both gradients. So an epoch has half as many steps. Here
    every batch makes a step of its own, along its own gradient."""
    model.train()
    optimizer.zero_grad()
    total, count = 0.0, 0
    for number, (X, y) in enumerate(loader, 1):
        loss = cross_entropy(model(X), y)
        loss.backward()
        total += loss.item() * len(y)
        count += len(y)
        if number % 2 == 0:
            optimizer.step()
            optimizer.zero_grad()
    if number % 2:
        optimizer.step()
    return total / count
