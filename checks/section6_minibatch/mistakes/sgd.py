"""Mistakes in sgd."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section6_minibatch import minibatch_gradient, minibatches, sample_minibatch

from .shared import expect_size


def _expect_lr(lr):
    if lr < 0:
        raise ValueError(f"lr must be at least 0, got {lr}")


def _descend(model, gradients, lr):
    with torch.no_grad():
        for w, g in zip(model.parameters(), gradients, strict=True):
            w.sub_(lr * g)


@mistake(
    "sgd",
    hints=(
        "Take two steps with a full batch by hand. Which gradient does your second step use?",
        "What does .grad hold when the backward call of the second batch starts?",
        "Set the gradients to zero before each backward call.",
    ),
)
def gradients_accumulated(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your gradients add up across batches: each step uses the sum of the gradients of all steps so far. The first step
    is right, and each later step also repeats the earlier ones. Clear the gradients between two steps."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    model.zero_grad()
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(X_batch), y_batch)
            loss.backward()
            _descend(model, [p.grad for p in model.parameters()], lr)
            losses.append(loss.item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Put ones into the model's .grad fields and train for one step. Do you get the same step without them?",
        "You clear the gradients after each step. What does the first backward call add to?",
        "Clear the gradients before each backward call, also before the first call.",
    ),
)
def older_gradient_used(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps are right if the model has no gradients at the start. If its .grad fields already hold gradients, your
    first step follows these, too. Check the value of .grad before the first backward call."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(X_batch), y_batch)
            loss.backward()
            _descend(model, [p.grad for p in model.parameters()], lr)
            model.zero_grad()
            losses.append(loss.item())
    return losses


def _train(model, loss_fn, epochs, lr):
    """SGD on epochs of batches; right by itself."""
    losses = []
    for batches in epochs:
        for X_batch, y_batch in batches:
            losses.append(loss_fn(model(X_batch), y_batch).item())
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
    return losses


@mistake(
    "sgd",
    hints=(
        "Train for one step. Is your loss the loss of the initial weights?",
        "Which comes first in your loop: the loss or the step?",
        "Store the loss from which you compute the gradient, before you change the parameters.",
    ),
)
def loss_after_update(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You store the loss of a batch after its step. This loss is too low: the step has just fitted the model to this
    batch. Check when you compute the loss."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
            losses.append(loss_fn(model(X_batch), y_batch).item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Train for two epochs with lr = 0 and batches of one. Compare the order of the losses in both.",
        "How often do you draw a random order? How many epochs are there?",
        "Make new batches in the loop over the epochs.",
    ),
)
def same_batches_every_epoch(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """All your epochs use the same batches in the same order, as if you make them once, before the first epoch. So the same
    examples always share a gradient. Check which lines run once per epoch, and which only once."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    batches = list(minibatches(X, y, batch_size, generator))
    return _train(model, loss_fn, [batches] * num_epochs, lr)


@mistake(
    "sgd",
    slug="last_batch_dropped",
    hints=(
        "Train on 5 examples in batches of 2 for one epoch. How many losses do you return?",
        "Do your epochs use every example?",
        "Include the smaller last batch.",
    ),
)
def trained_on_full_batches_only(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You leave out the smaller last batch of each epoch, so an epoch misses up to batch_size - 1 examples. An epoch
    has n / batch_size steps, rounded up. Check how you make or count the batches."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    return _train(
        model, loss_fn, (minibatches(X, y, batch_size, generator, drop_last=True) for _ in range(num_epochs)), lr
    )


@mistake(
    "sgd",
    slug="independent_batches",
    hints=(
        "Train with lr = 0 and batches of one for one epoch. Is the loss of each example there once?",
        "Does a batch know which examples the earlier batches have used?",
        "Loop over `minibatches` once per epoch, instead of drawing each batch from all examples.",
    ),
)
def steps_on_samples(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """In your epoch, some examples occur twice and others never, as when each batch is drawn from all examples. An
    epoch uses each example exactly once. Check where your batches come from."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    sizes = [min(batch_size, len(X) - start) for start in range(0, len(X), batch_size)] * num_epochs
    return _train(model, loss_fn, [[sample_minibatch(X, y, size, generator)] for size in sizes], lr)


@mistake(
    "sgd",
    slug="sum_for_mean",
    hints=(
        "Take one step with a full batch by hand, as in the docstring. How long is your step?",
        "The step should not grow with the batch size. Which factor do you not need?",
        "Use the gradient of the mean loss, and do not multiply by the number of examples.",
    ),
)
def step_of_summed_gradients(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps are too long by the factor B: you use the sum of the examples' gradients in place of their mean. Then
    the right lr depends on the batch size. Check the gradient that a step uses."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            loss = loss_fn(model(X_batch), y_batch)
            gradients = torch.autograd.grad(loss * len(X_batch), list(model.parameters()))
            _descend(model, gradients, lr)
            losses.append(loss.item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Train with lr = 0 and batches of one. Do the losses of an epoch differ?",
        "Which examples enter the loss of one step?",
        "Compute loss and gradient on the batch, not on X and y.",
    ),
)
def full_loss_every_step(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Each of your steps computes loss and gradient on all the data, not on its batch. This is gradient descent at n /
    batch_size times the cost. Check the inputs of the model in the inner loop."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    return _train(
        model, loss_fn, ([(X, y) for _ in minibatches(X, y, batch_size, generator)] for _ in range(num_epochs)), lr
    )


@mistake(
    "sgd",
    hints=(
        "Train with a full batch and a small lr. Do the losses fall?",
        "The gradient points uphill.",
        "Subtract lr times the gradient.",
    ),
)
def uphill(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps go uphill: the loss grows. Check the sign of the gradient in the step."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    return _train(model, loss_fn, (minibatches(X, y, batch_size, generator) for _ in range(num_epochs)), -lr)


@mistake(
    "sgd",
    hints=(
        "Multiply all inputs of a linear model by 1000 and take one step. Is it as long as the formula says?",
        "Small gradients give the right step, large ones do not. Which line in your function uses their length?",
        "Do not change the gradient: the rule here has no clipping.",
    ),
)
def clipped(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You cut long gradients to a norm of 10. Clipping is another method: here each step is lr times the gradient,
    however long it is, and `batch_size = n` must be plain gradient descent. Check your code for large gradients."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            model.zero_grad()
            loss = loss_fn(model(X_batch), y_batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
            _descend(model, [p.grad for p in model.parameters()], lr)
            losses.append(loss.item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Compare the model's parameters before and after training.",
        "What does `w = w - ...` do to a loop variable, and what to the tensor in the model?",
        "Change the tensor itself, in place and without gradients.",
    ),
)
def parameters_not_changed(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Training does not change the model's parameters: your steps make new tensors that the model does not know. Check
    whether a step assigns to a variable or changes the tensor in place."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            losses.append(loss_fn(model(X_batch), y_batch).item())
            gradients = minibatch_gradient(model, loss_fn, X_batch, y_batch)
            for w, g in zip(model.parameters(), gradients, strict=True):
                w = w - lr * g  # the mistake: a new tensor
    return losses


@mistake(
    "sgd",
    hints=(
        "Train on 4 examples in batches of 2 for 3 epochs. How many losses do you return?",
        "The docstring asks for one loss per step. In which of your loops do you store a loss?",
        "Append each batch's loss to the list in the inner loop.",
    ),
)
def losses_per_epoch(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You return one loss per epoch, but the exercise asks for one loss per step. The losses of single steps show the
    noise, and a mean hides it. Check where you append to the list."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        of_epoch = _train(model, loss_fn, [minibatches(X, y, batch_size, generator)], lr)
        losses.append(sum(of_epoch) / len(of_epoch))
    return losses


@mistake(
    "sgd",
    hints=(
        "Take two steps with a full batch by hand. Which step is the first that differs?",
        "Does your step depend on the step before it?",
        "Use the batch's gradient only: no momentum, and no state between steps.",
    ),
)
def momentum_added(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps use momentum of 0.9: each step continues in the direction of the step before. Momentum is section 4;
    here a step follows its batch's gradient only. Check the state that you keep between steps, or your optimizer's
    options."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            optimizer.zero_grad()
            loss = loss_fn(model(X_batch), y_batch)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Train twice with generators of the same seed. Are the losses equal?",
        "Which random numbers does your shuffle use?",
        "Pass `generator` to the function that shuffles.",
    ),
)
def shuffled_globally(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You shuffle with torch's global random state, not with `generator`. So a seed of the generator does not repeat a
    training. Does your shuffle receive `generator`?"""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    orders = (torch.randperm(len(X)).split(batch_size) for _ in range(num_epochs))
    return _train(model, loss_fn, ([(X[rows], y[rows]) for rows in order] for order in orders), lr)


@mistake(
    "sgd",
    hints=(
        "Train on data sorted by label, with lr = 0 and batches of one. What is the order of the losses?",
        "Where in your function does the generator influence the result?",
        "Use `minibatches` in each epoch.",
    ),
)
def never_shuffled(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your batches follow the stored order of the data in every epoch. With data sorted by label, each batch holds one
    class only. Check where you make the order random."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    epoch = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    return _train(model, loss_fn, [epoch] * num_epochs, lr)


@mistake(
    "sgd",
    hints=(
        "Call your function with lr = -0.1. What happens?",
        "A negative learning rate goes uphill. Do you get an error?",
        "Check lr first, and raise a ValueError that names it.",
    ),
)
def negative_lr_accepted(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You accept a negative learning rate, which goes uphill without an error. Check which arguments the docstring says
    to refuse."""
    expect_size(batch_size, len(X))
    return _train(model, loss_fn, (minibatches(X, y, batch_size, generator) for _ in range(num_epochs)), lr)


@mistake(
    "sgd",
    hints=(
        "What is the type of the first entry of your list?",
        "A tensor in a list may keep its whole graph in memory. The docstring promises Python floats.",
        "Convert each loss to a number before you append it; tensors have a method for it.",
    ),
)
def tensors_in_the_list(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your list holds tensors in place of Python floats. The losses are right, but you cannot write them to a file like
    numbers, and attached graphs fill the memory. Check the values that you store."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            losses.append(loss_fn(model(X_batch), y_batch).detach())
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
    return losses


@mistake(
    "sgd",
    hints=(
        "Train two parameters for one step. At which point is the gradient of the second one taken?",
        "All partial derivatives of one gradient belong to the same point.",
        "Compute all gradients first, and then move all parameters.",
    ),
)
def one_parameter_after_the_other(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You move the parameters one after the other, and compute each gradient after the earlier ones have moved. A gradient step
    takes all its numbers at one point: compute the gradients of all parameters before the first moves."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            losses.append(loss_fn(model(X_batch), y_batch).item())
            for w in model.parameters():
                (g,) = torch.autograd.grad(loss_fn(model(X_batch), y_batch), w)
                with torch.no_grad():
                    w.sub_(lr * g)
    return losses


def _train_by_size(model, loss_fn, X, y, lr, batch_size, num_epochs, generator, share):
    """SGD whose learning rate is multiplied by a share that depends on the size of the batch."""
    _expect_lr(lr)
    expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            losses.append(loss_fn(model(X_batch), y_batch).item())
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr * share(len(X_batch)))
    return losses


@mistake(
    "sgd",
    hints=(
        "Use a batch size that does not divide n. Which step of an epoch is shorter?",
        "The gradient of a batch is a mean, also of a small batch.",
        "Use the same lr for the last batch.",
    ),
)
def shorter_step_for_a_short_batch(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your step is shorter for a smaller last batch: you multiply lr by its share of `batch_size`. The gradient of a batch is a
    mean, and each step uses the same lr."""
    return _train_by_size(
        model, loss_fn, X, y, lr, batch_size, num_epochs, generator, share=lambda size: size / batch_size
    )


@mistake(
    "sgd",
    hints=(
        "Halve the batch size. Does your step become shorter?",
        "The gradient of a batch estimates the full gradient. Which factor does it need?",
        "Multiply the batch gradient by lr and by nothing else.",
    ),
)
def step_by_the_share_of_the_data(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You multiply each step by the batch's share of the data, B / n. The gradient of a batch already estimates the full
    one. So an epoch of yours moves only as far as one step should."""
    return _train_by_size(model, loss_fn, X, y, lr, batch_size, num_epochs, generator, share=lambda size: size / len(X))
