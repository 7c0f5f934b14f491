"""Mistakes in sgd."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section6_minibatch import minibatch_gradient, minibatches, sample_minibatch

from .shared import _expect_size


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
        "What stands in .grad when the second batch's backward call begins?",
        "Set the gradients to zero before each backward call.",
    ),
)
def gradients_accumulated(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your gradients pile up across batches: each step uses the sum of the gradients of all steps so far. The first
    step is right, and every later one also repeats those before it. Look at what happens to the gradients between two
    steps."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
        "Put ones into the model's .grad fields and train for one step. Is it the step that you get without them?",
        "Your gradients are cleared after each step. What does the first backward call add to?",
        "Clear the gradients before each backward call, also before the first.",
    ),
)
def older_gradient_used(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps are right if the model comes without gradients. If its .grad fields already hold something, your first
    step follows that as well, though it belongs to no batch of this training. Look at what is in .grad when the first
    batch's backward call begins."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
    """SGD on epochs of batches, right in itself."""
    losses = []
    for batches in epochs:
        for X_batch, y_batch in batches:
            losses.append(loss_fn(model(X_batch), y_batch).item())
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
    return losses


@mistake(
    "sgd",
    hints=(
        "Train for one step. Is your loss the one of the starting weights?",
        "In which order do you compute the loss, and take the step?",
        "Write down the loss from which the gradient came, before the parameters change.",
    ),
)
def loss_after_update(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You write down the loss of a batch after its step. It is too good: the model has just been fitted to this very
    batch. Look at the moment at which the loss is computed."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
            losses.append(loss_fn(model(X_batch), y_batch).item())
    return losses


@mistake(
    "sgd",
    hints=(
        "Train for two epochs with lr = 0 and batches of one: in which order do the losses come in each?",
        "How often is a random order drawn in your function, and how often are there epochs?",
        "Make new batches inside the loop over the epochs.",
    ),
)
def same_batches_every_epoch(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """All of your epochs go through the same batches in the same order: they are dealt once, before the first. So the
    same examples always meet in one gradient. Look at what happens once per epoch, and what only once."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    batches = list(minibatches(X, y, batch_size, generator))
    return _train(model, loss_fn, [batches] * num_epochs, lr)


@mistake(
    "sgd",
    slug="last_batch_dropped",
    hints=(
        "Train on 5 examples in batches of 2 for one epoch. How many losses come back?",
        "Does every example count in every epoch of yours?",
        "Take the smaller last batch along.",
    ),
)
def trained_on_full_batches_only(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You leave the last, smaller batch of each epoch out, so that up to batch_size - 1 examples of it are not used.
    An epoch has n / batch_size steps, rounded up. Look at how the batches of an epoch are counted or made."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    return _train(
        model, loss_fn, (minibatches(X, y, batch_size, generator, drop_last=True) for _ in range(num_epochs)), lr
    )


@mistake(
    "sgd",
    slug="independent_batches",
    hints=(
        "Train with lr = 0 and batches of one for one epoch. Does the loss of each example come once?",
        "Does a batch of yours know which examples the batches before it have used?",
        "Go through `minibatches` once per epoch, instead of drawing each batch from all examples.",
    ),
)
def steps_on_samples(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Within an epoch of yours some examples are used twice and others never, as when each batch is drawn afresh from
    all examples. An epoch goes through each example exactly once. Look at where your batches come from."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    sizes = [min(batch_size, len(X) - start) for start in range(0, len(X), batch_size)] * num_epochs
    return _train(model, loss_fn, [[sample_minibatch(X, y, size, generator)] for size in sizes], lr)


@mistake(
    "sgd",
    slug="sum_for_mean",
    hints=(
        "Take one step with a full batch by hand, as in the docstring. How long is yours?",
        "The step should not grow with the batch size. Which factor is too much?",
        "Use the gradient of the mean loss as it is, without multiplying by the number of examples.",
    ),
)
def step_of_summed_gradients(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps are too long by the number of examples in the batch: you step along the sum of the examples'
    gradients, where the rule has their mean. The right lr then depends on the batch size. Look at the gradient that a
    step uses."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
        "Which examples go into the loss of one step of yours?",
        "Compute loss and gradient on the batch, not on X and y.",
    ),
)
def full_loss_every_step(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Each of your steps computes loss and gradient on all the data, not on its batch. That is gradient descent at n /
    batch_size times the price. Look at what the model is given in the inner loop."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
    """Your steps go uphill: the loss grows. Look at the sign with which the gradient enters the step."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    return _train(model, loss_fn, (minibatches(X, y, batch_size, generator) for _ in range(num_epochs)), -lr)


@mistake(
    "sgd",
    hints=(
        "Multiply all inputs of a linear model by 1000 and take one step. Is it as long as the formula says?",
        "Small gradients give the right step, large ones do not. What in your function looks at their length?",
        "Leave the gradient as it is: the rule here has no clipping.",
    ),
)
def clipped(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You cut long gradients to a norm of 10. Clipping is a method of its own; here each step is lr times the
    gradient, however long that is, and `batch_size = n` has to be plain gradient descent. Look at what happens to
    large gradients."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
        "What does `w = w - ...` do to a variable of a loop, and what to the tensor that the model holds?",
        "Change the tensor itself, in place and without recording it for autograd.",
    ),
)
def parameters_not_changed(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """The model's parameters are the same after training as before: your steps make new tensors that the model does
    not know. Look at whether a step assigns to a variable or changes the tensor."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
        "Train on 4 examples in batches of 2 for 3 epochs. How many losses come back?",
        "The docstring asks for one loss per step. At which level of your loops do you write one down?",
        "Append each batch's loss to the list in the inner loop.",
    ),
)
def losses_per_epoch(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You return one loss per epoch, where one per step was asked for. The curve of single steps shows how noisy they
    are, which a mean hides. Look at where a loss enters the list."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        of_epoch = _train(model, loss_fn, [minibatches(X, y, batch_size, generator)], lr)
        losses.append(sum(of_epoch) / len(of_epoch))
    return losses


@mistake(
    "sgd",
    hints=(
        "Take two steps with a full batch by hand. Which is the first that differs?",
        "Does a step of yours remember the one before?",
        "Use the batch's gradient alone: no momentum, and no state between steps.",
    ),
)
def momentum_added(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your steps carry momentum of 0.9: each goes on with the step before it. That is the method of section 4; here a
    step follows its batch's gradient alone. Look at what is kept from one step to the next, or at your optimizer's
    options."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
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
        "Train twice with generators that are seeded alike. Are the losses the same?",
        "Which random numbers does your shuffle use?",
        "Pass `generator` on to whatever shuffles.",
    ),
)
def shuffled_globally(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You shuffle with torch's global random state, not with the generator that is passed in. So nobody can repeat a
    training by seeding the generator. Look at what whatever shuffles in your function is given."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    orders = (torch.randperm(len(X)).split(batch_size) for _ in range(num_epochs))
    return _train(model, loss_fn, ([(X[rows], y[rows]) for rows in order] for order in orders), lr)


@mistake(
    "sgd",
    hints=(
        "Train on data that is sorted by label, with lr = 0 and batches of one. In which order do the losses come?",
        "Where in your function does the generator decide anything?",
        "Let `minibatches` deal the examples in each epoch.",
    ),
)
def never_shuffled(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your batches come in the order in which the data is stored, in every epoch. On data that is sorted by label,
    each batch shows one class only. Look for the place where the order becomes random."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    epoch = list(zip(X.split(batch_size), y.split(batch_size), strict=True))
    return _train(model, loss_fn, [epoch] * num_epochs, lr)


@mistake(
    "sgd",
    hints=(
        "Call your function with lr = -0.1. What happens?",
        "A negative learning rate goes uphill. Would you notice?",
        "Check lr first, and raise a ValueError that names it.",
    ),
)
def negative_lr_accepted(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """You accept a negative learning rate, which climbs instead of descending and gives no error. Look at which
    arguments the docstring wants refused."""
    _expect_size(batch_size, len(X))
    return _train(model, loss_fn, (minibatches(X, y, batch_size, generator) for _ in range(num_epochs)), lr)


@mistake(
    "sgd",
    hints=(
        "What is the type of the first entry of your list?",
        "A tensor in a list drags along what belongs to it. The docstring promises Python floats.",
        "Convert each loss to a number before you append it; tensors have a method for it.",
    ),
)
def tensors_in_the_list(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    """Your list holds tensors, where Python floats were promised. The losses are right, but they cannot be written to
    a file or compared as numbers can, and with a graph attached they fill the memory. Look at what you append."""
    _expect_lr(lr)
    _expect_size(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for X_batch, y_batch in minibatches(X, y, batch_size, generator):
            losses.append(loss_fn(model(X_batch), y_batch).detach())
            _descend(model, minibatch_gradient(model, loss_fn, X_batch, y_batch), lr)
    return losses
