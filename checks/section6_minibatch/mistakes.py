"""Section 6, wrong on purpose."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section6_minibatch import minibatch_gradient, minibatches, sample_minibatch


def _expect_size(batch_size, n):
    if not 1 <= batch_size <= n:
        raise ValueError(f"batch_size must be in [1, {n}], got {batch_size}")


def _expect_draws(num_draws):
    if num_draws < 1:
        raise ValueError(f"num_draws must be at least 1, got {num_draws}")


def _expect_lr(lr):
    if lr < 0:
        raise ValueError(f"lr must be at least 0, got {lr}")


def _descend(model, gradients, lr):
    with torch.no_grad():
        for w, g in zip(model.parameters(), gradients, strict=True):
            w.sub_(lr * g)


# -- sample_minibatch


@mistake(
    "sample_minibatch",
    hints=(
        "Draw 20 of 40 examples a few times and sort the labels. Does one come twice?",
        "Independent random row numbers can coincide, as dice do. How would you draw cards from a deck?",
        "Put all row numbers in a random order and take the first batch_size of them.",
    ),
)
def with_replacement(X, y, batch_size, generator):
    """The same example can come twice in your batch: each row is drawn as if the ones before it had been put back.
    Then a batch says less than batch_size different examples would. Look at how a row number is kept from being drawn
    again."""
    _expect_size(batch_size, len(X))
    rows = torch.randint(len(X), (batch_size,), generator=generator)
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    hints=(
        "Take X = 0, 10, 20 and y = 0, 1, 2, and look at which label stands beside which example.",
        "How many times do you draw random numbers for one batch? How many times should you?",
        "Draw the row numbers once, keep them in a variable, and index both tensors with it.",
    ),
)
def separate_draws(X, y, batch_size, generator):
    """Your examples and labels come from different rows, as if X and y were each drawn for themselves. A model that
    learns from such batches learns that any image may have any label. Look at which row numbers you index X with, and
    which y."""
    _expect_size(batch_size, len(X))
    X_batch = X[torch.randperm(len(X), generator=generator)[:batch_size]]
    return X_batch, y[torch.randperm(len(X), generator=generator)[:batch_size]]


@mistake(
    "sample_minibatch",
    hints=(
        "Call your function twice with different generators and compare the labels.",
        "Where in your function does the generator decide anything?",
        "Index with row numbers that are drawn at random, not with the first batch_size of them.",
    ),
)
def first_rows(X, y, batch_size, generator):
    """Your batch is always the first rows of the data, whatever the generator says. The other examples are never used,
    so the gradients of such batches are not those of the whole data on average. Look at what decides which rows are
    taken."""
    _expect_size(batch_size, len(X))
    return X[:batch_size].clone(), y[:batch_size].clone()


@mistake(
    "sample_minibatch",
    hints=(
        "Draw 3 of 10 a few times and sort the labels. What do all batches have in common?",
        "How many different batches can your function give? Of 10 examples, there are 120 sets of 3.",
        "Each row number of the batch has to be random, not only the first. Shuffle the row numbers, then take the first ones.",
    ),
)
def consecutive_rows(X, y, batch_size, generator):
    """Your batch is a run of neighbouring rows with a random beginning. Neighbours in a data set are often alike, and
    most sets of examples can never be drawn like this. Look at how many random numbers decide on a batch."""
    _expect_size(batch_size, len(X))
    start = int(torch.randint(len(X) - batch_size + 1, (1,), generator=generator))
    return X[start : start + batch_size].clone(), y[start : start + batch_size].clone()


@mistake(
    "sample_minibatch",
    hints=(
        "Take a batch of all examples, fill it with zeros, and look at X.",
        "Which objects does your function return when batch_size equals n?",
        "Return copies in this case, too; indexing with a tensor of row numbers makes them by itself.",
    ),
)
def whole_set_uncopied(X, y, batch_size, generator):
    """For a batch of all examples you hand out the data itself, or a view of it, not a copy. Whoever scales or
    augments the batch then changes the data set, and every epoch after it. Look at the case that batch_size equals
    n."""
    _expect_size(batch_size, len(X))
    if batch_size == len(X):
        return X, y
    rows = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="shuffled_in_place",
    hints=(
        "Keep a copy of X, draw a batch, and compare.",
        "Where do the shuffled examples go: into a new tensor, or into the one that was passed in?",
        "Do not assign into X and y; draw row numbers instead, and index with them.",
    ),
)
def sample_shuffled_in_place(X, y, batch_size, generator):
    """You change the caller's own data: after a draw, X and y no longer hold what they held, row by row. Anything else that
    refers to example 17 now means another one. Look at where your function writes to its arguments."""
    _expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    X.copy_(X[order])
    y.copy_(y[order])
    return X[:batch_size].clone(), y[:batch_size].clone()


@mistake(
    "sample_minibatch",
    slug="global_generator",
    hints=(
        "Seed two generators alike and draw a batch with each. Are they the same batch?",
        "Functions of torch that draw random numbers use a global state unless they are told otherwise.",
        "Pass `generator` on to the function that draws.",
    ),
)
def sample_by_global_generator(X, y, batch_size, generator):
    """You draw from torch's global random state, not from the generator that is passed in. So nobody can repeat a
    batch by seeding the generator, and other code that draws gets other numbers. Look at what the drawing function is
    given."""
    _expect_size(batch_size, len(X))
    rows = torch.randperm(len(X))[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="reseeded",
    hints=(
        "Call your function twice with the same generator. Should the second batch equal the first?",
        "Seeding is the caller's business. What happens to the state of the generator within your function?",
        "Leave the seed alone: draw from the generator as it comes, so that its state moves on.",
    ),
)
def sample_reseeded(X, y, batch_size, generator):
    """Your function gives the same rows on every call, whatever the generator's state, as it would if it were seeded
    before each draw. All steps of a training would then see the same examples. Look for a seed that is set, and at
    what decides which rows come."""
    _expect_size(batch_size, len(X))
    rows = torch.randperm(len(X), generator=generator.manual_seed(0))[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="larger_batch_accepted",
    hints=(
        "Ask for 4 of 3 examples. What comes back?",
        "Taking the first 4 entries of a list of 3 is no error in Python: what does it give?",
        "Before drawing, compare batch_size with the number of examples, and raise a ValueError that names batch_size.",
    ),
)
def sample_of_more_than_all(X, y, batch_size, generator):
    """You accept a batch_size above the number of examples, and return a batch with fewer rows than asked for. Whoever
    divides by batch_size afterwards gets wrong means and no error. Look at both ends of the range that is allowed."""
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    rows = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="full_batch_refused",
    hints=(
        "Which batch sizes are allowed for 3 examples? Try each.",
        "The range [1, n] includes both of its ends.",
        "Allow batch_size equal to n: the comparison with n should not be strict.",
    ),
)
def sample_of_all_refused(X, y, batch_size, generator):
    """You refuse a batch of all n examples, though batch_size may be anything from 1 to n. With batch_size = n, SGD is
    gradient descent, a case worth having. Look at the comparison with n."""
    if not 1 <= batch_size < len(X):
        raise ValueError("batch_size is out of range")
    rows = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[rows], y[rows]


# -- minibatches


@mistake(
    "minibatches",
    hints=(
        "Look at the labels of the first batch for a few different generators.",
        "Where in your function does the generator decide anything?",
        "Shuffle the row numbers first, then cut them into batches.",
    ),
)
def unshuffled(X, y, batch_size, generator, drop_last=False):
    """You cut the data into batches in the order in which it is stored. If it is sorted by label, as data often is,
    every batch shows one class only. Look for the place where the order becomes random."""
    _expect_size(batch_size, len(X))
    for rows in torch.arange(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Go through two epochs with one generator and compare the labels.",
        "What does the state of the generator do between two epochs? Does anything set it back?",
        "Do not seed within the function: draw the order from the generator as it comes.",
    ),
)
def same_order_every_epoch(X, y, batch_size, generator, drop_last=False):
    """Your order is not that of the data, but it is the same in every epoch and for every state of the generator, as
    it would be if a seed were set each time. The model then meets the same batches again and again. Look for a seed
    that is set, and at what the generator decides."""
    _expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X), generator=generator.manual_seed(0)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Count the labels of an epoch of 7 examples in batches of 3.",
        "How many batches do 7 examples make, if none may be lost? Does n // batch_size say so?",
        "Round the number of batches up; slices end at the last example by themselves. Only drop_last leaves a batch out.",
    ),
)
def last_batch_dropped(X, y, batch_size, generator, drop_last=False):
    """You leave out the last, smaller batch even where nobody asked for it. Up to batch_size - 1 examples of each
    epoch are lost, so it is no longer true that every example counts once. Look at how you count the batches."""
    _expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    for k in range(len(X) // batch_size):
        rows = order[k * batch_size : (k + 1) * batch_size]
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 7 examples in batches of 3, with drop_last=True. Which sizes come?",
        "Where does your function look at drop_last?",
        "If drop_last is true, skip a batch that has fewer than batch_size rows.",
    ),
)
def drop_last_ignored(X, y, batch_size, generator, drop_last=False):
    """The last, smaller batch comes even with drop_last=True. Some code relies on all batches being of one size. Look
    at what your function does with drop_last."""
    _expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 6 examples in batches of 3, with drop_last=True. How many batches come?",
        "drop_last is about a batch that is too small. Is there one if batch_size divides n?",
        "Leave the last batch out only if it has fewer than batch_size rows.",
    ),
)
def full_last_batch_dropped(X, y, batch_size, generator, drop_last=False):
    """With drop_last=True you leave out the last batch even if it is full. When batch_size divides n nothing needs to
    be dropped, and a batch of good examples is lost. Look at the condition under which the last batch goes."""
    _expect_size(batch_size, len(X))
    batches = torch.randperm(len(X), generator=generator).split(batch_size)
    for rows in batches[:-1] if drop_last else batches:
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Sort the labels within each batch. Which examples are always together?",
        "What do you shuffle: the examples, or the batches?",
        "Shuffle all row numbers before you cut them into batches.",
    ),
)
def only_batches_shuffled(X, y, batch_size, generator, drop_last=False):
    """You shuffle the order of the batches, but each batch holds the same neighbouring examples in every epoch. Most
    ways to deal the examples into batches never come. Look at whether you shuffle before or after cutting."""
    _expect_size(batch_size, len(X))
    batches = torch.arange(len(X)).split(batch_size)
    full = len(X) // batch_size
    order = torch.randperm(full, generator=generator).tolist()
    for k in order if drop_last else [*order, *range(full, len(batches))]:
        yield X[batches[k]], y[batches[k]]


@mistake(
    "minibatches",
    hints=(
        "Write down the labels 0 to 5 in the order of an epoch. Which label follows 2, and which in the next epoch?",
        "How many different orders can come from the one number that you draw?",
        "Draw a random order of all row numbers, not only where to begin.",
    ),
)
def shifted_cyclically(X, y, batch_size, generator, drop_last=False):
    """An epoch of yours begins at a random example, and goes on from there as the examples lie. So neighbours stay
    neighbours, and of data that are sorted by class a batch holds only one. Every order should be possible. Look at what
    is random in yours."""
    _expect_size(batch_size, len(X))
    start = int(torch.randint(len(X), (), generator=generator))
    for rows in torch.arange(len(X)).roll(-start).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    slug="independent_batches",
    hints=(
        "Put all labels of an epoch side by side and sort them. Is each there once?",
        "Does a batch of yours know which examples the batches before it have used?",
        "Draw one random order for the whole epoch and cut it into batches.",
    ),
)
def batches_drawn_one_by_one(X, y, batch_size, generator, drop_last=False):
    """In one epoch of yours some examples come twice and others never, as when each batch is drawn afresh from all
    examples. An epoch uses each example exactly once. Look at what the batches of an epoch have to share."""
    _expect_size(batch_size, len(X))
    for start in range(0, len(X), batch_size):
        size = min(batch_size, len(X) - start)
        if size == batch_size or not drop_last:
            yield sample_minibatch(X, y, size, generator)


@mistake(
    "minibatches",
    slug="global_generator",
    hints=(
        "Seed two generators alike and go through an epoch with each. Is it the same order?",
        "Functions of torch that draw random numbers use a global state unless they are told otherwise.",
        "Pass `generator` on to the function that draws the order.",
    ),
)
def shuffled_by_global_generator(X, y, batch_size, generator, drop_last=False):
    """You shuffle with torch's global random state, not with the generator that is passed in. So nobody can repeat an
    epoch by seeding the generator, and other code that draws gets other numbers. Look at what the drawing function is
    given."""
    _expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Take X = 0, 10, 20 and y = 0, 1, 2, and look at which label stands beside which example.",
        "How many random orders do you draw for one epoch?",
        "Draw one order, keep it in a variable, and index both tensors with it.",
    ),
)
def separate_orders(X, y, batch_size, generator, drop_last=False):
    """Your examples and labels no longer belong together, as if X and y were each shuffled for itself. A model that
    learns from such batches learns that any image may have any label. Look at the order in which you go through X, and
    that for y."""
    _expect_size(batch_size, len(X))
    X_rows, y_rows = (torch.randperm(len(X), generator=generator).split(batch_size) for _ in range(2))
    for for_X, for_y in zip(X_rows, y_rows, strict=True):
        if len(for_X) == batch_size or not drop_last:
            yield X[for_X], y[for_y]


@mistake(
    "minibatches",
    hints=(
        "Keep a copy of X, go through an epoch, and compare.",
        "Where do the shuffled examples go: into a new tensor, or into the one that was passed in?",
        "Do not assign into X and y; shuffle row numbers instead, and index with them.",
    ),
)
def shuffled_in_place(X, y, batch_size, generator, drop_last=False):
    """You shuffle the caller's own data: after an epoch, X and y hold their rows in another order. Anything else that
    refers to example 17 now means another one. Look at where your function writes to its arguments."""
    _expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    X.copy_(X[order])
    y.copy_(y[order])
    for rows in torch.arange(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Through how many random outcomes can your shuffle of 3 examples go? Into how many orders do they lead?",
        "Three swaps with any of 3 positions have 27 outcomes, which cannot be spread evenly over 6 orders. What about yours?",
        "Use a ready-made random permutation; or swap each position only with itself and those that come after it.",
    ),
)
def biased_swaps(X, y, batch_size, generator, drop_last=False):
    """Your order is random, but not every example has an equal chance of every place: some come to the first batch
    more often than others. A shuffle that swaps each position with any other does this, for instance. Look at how you
    shuffle, and count its outcomes for 3 examples."""
    _expect_size(batch_size, len(X))
    order = list(range(len(X)))
    for i, j in enumerate(torch.randint(len(X), (len(X),), generator=generator).tolist()):
        order[i], order[j] = order[j], order[i]
    for rows in torch.tensor(order).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 7 examples in batches of 3. Which sizes come, and is each example there once?",
        "With what do you fill the last batch, when only one example is left for it?",
        "Let the last batch be smaller than the others.",
    ),
)
def last_batch_filled_up(X, y, batch_size, generator, drop_last=False):
    """You fill the last batch up with examples that the epoch has used before, so that all batches have one size.
    These examples then count twice. Look at what happens when batch_size does not divide n."""
    _expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X), batch_size):
        rows = order[torch.arange(start, start + batch_size) % len(X)]
        if start + batch_size <= len(X) or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    slug="larger_batch_accepted",
    hints=(
        "Ask for batches of 4 of 3 examples. What comes?",
        "A slice that reaches beyond the end is no error in Python: what does it give?",
        "Compare batch_size with the number of examples first, and raise a ValueError that names batch_size.",
    ),
)
def batches_of_more_than_all(X, y, batch_size, generator, drop_last=False):
    """You accept a batch_size above the number of examples. The only batch is then smaller than asked for, or missing
    if drop_last is set, and a training silently does nothing. Look at both ends of the range that is allowed."""
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


# -- minibatch_gradient


@mistake(
    "minibatch_gradient",
    slug="sum_for_mean",
    hints=(
        "Double a batch by repeating all its examples. Should its gradient change? Does yours?",
        "A sum over examples grows with the batch, a mean does not. Which of them does loss_fn give for a whole batch?",
        "Compute the loss of the batch as a whole, once; or divide the sum of single gradients by the number of examples.",
    ),
)
def gradients_summed(model, loss_fn, X, y):
    """Your gradient is the sum over the examples of the batch, not the mean: it is too large by the factor B. A step
    then grows with the batch size. Look at where you add, or multiply by the number of examples."""
    loss = len(X) * loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Double a batch by repeating all its examples. Should its gradient change? Does yours?",
        "loss_fn returns a mean. By what does your function divide on top of it?",
        "Take the gradient of what loss_fn returns as it is.",
    ),
)
def divided_twice(model, loss_fn, X, y):
    """Your gradient is too small by the factor B: you divide by the number of examples, but loss_fn is a mean over
    them already. A step then shrinks as the batch grows. Look for a division by the batch size."""
    loss = loss_fn(model(X), y) / len(X)
    return list(torch.autograd.grad(loss, list(model.parameters())))


@mistake(
    "minibatch_gradient",
    hints=(
        "Call your function on the same batch twice. Are the two results the same?",
        "What stands in .grad before your backward call, and what does the call do with it?",
        "Ask autograd to return the gradients instead of adding them to .grad.",
    ),
)
def accumulated(model, loss_fn, X, y):
    """Your gradients pile up: `.backward()` adds to what is left in .grad from the batch before, and you return the
    sum. From the second batch on, the steps go in the direction of old gradients, too. Look at what .grad holds before
    and after a call."""
    loss_fn(model(X), y).backward()
    return [p.grad for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and look at them.",
        "Whoever calls may be collecting a gradient in .grad. What does your function leave there?",
        "Use a function of torch.autograd that returns gradients without touching .grad.",
    ),
)
def grad_overwritten(model, loss_fn, X, y):
    """Your gradients are right, but afterwards they also stand in the model's .grad fields, where they replace what
    was there. The function is to return gradients and leave the model as it was. Look at what happens to .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    return [p.grad.clone() for p in model.parameters()]


@mistake(
    "minibatch_gradient",
    hints=(
        "Write sevens into the model's .grad fields, call your function, and look at them.",
        "Tidying up is not the same as leaving things as they were.",
        "Use a function of torch.autograd that returns gradients without touching .grad, or put the old fields back.",
    ),
)
def grad_cleared(model, loss_fn, X, y):
    """Your gradients are right, but what the model's .grad fields held before is gone: they are cleared. Whoever was
    collecting a gradient there loses it. Look at every line that resets .grad."""
    model.zero_grad()
    loss_fn(model(X), y).backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    model.zero_grad()
    return gradients


@mistake(
    "minibatch_gradient",
    hints=(
        "Look at requires_grad of what you return.",
        "A graph that hangs on the gradients keeps every activation of the batch in memory. Who would need it?",
        "Do not build a graph for the gradients themselves, or detach them before they are returned.",
    ),
)
def graph_kept(model, loss_fn, X, y):
    """Your gradients have the right values, but they still belong to an autograd graph and require grad themselves.
    Whoever collects them collects all activations of their batches. Look at what you tell autograd to create."""
    loss = loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters()), create_graph=True))


@mistake(
    "minibatch_gradient",
    hints=(
        "Take a batch of two examples, and another one that differs in the first example only. Are the gradients different?",
        "If you loop over the examples, what becomes of the gradient of the first one?",
        "Collect the gradients of all examples and average them, or take the loss of the batch as a whole.",
    ),
)
def last_example_only(model, loss_fn, X, y):
    """Your gradient is that of the last example of the batch alone; the others have no influence. It is right for a
    batch of one, and much noisier than it should be for any other. Look at what a loop over examples keeps."""
    for k in range(len(X)):
        gradients = torch.autograd.grad(loss_fn(model(X[k : k + 1]), y[k : k + 1]), list(model.parameters()))
    return list(gradients)


@mistake(
    "minibatch_gradient",
    hints=(
        "In the example of the docstring the gradient is 7. What is yours?",
        "The gradient points uphill. Who turns around, this function or the step that uses it?",
        "Return the gradient as autograd gives it, without a minus sign.",
    ),
)
def downhill_direction(model, loss_fn, X, y):
    """Your result has the wrong sign: it is the direction of descent, the negative gradient. A step that subtracts it
    goes uphill. Look for a minus sign."""
    loss = -loss_fn(model(X), y)
    return list(torch.autograd.grad(loss, list(model.parameters())))


# -- gradient_noise


@mistake(
    "gradient_noise",
    slug="with_replacement",
    hints=(
        "What should the noise of a batch of all n gradients be? What is yours?",
        "Compare with the formula: which of its factors is 1 if a row may be drawn twice?",
        "Shuffle the row numbers for each draw and take the first batch_size of them.",
    ),
)
def rows_put_back(per_example_grads, batch_size, num_draws, generator):
    """In one of your batches, the same gradient can come twice. Then the noise is larger, as if the factor (n - B) /
    (n - 1) were missing, and not even a batch of all examples is exact. Look at how a batch's rows are drawn."""
    n = len(per_example_grads)
    _expect_size(batch_size, n)
    _expect_draws(num_draws)
    rows = torch.randint(n, (num_draws, batch_size), generator=generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


def _batches(n, batch_size, num_draws, generator):
    """Row numbers (num_draws, batch_size), once the arguments are found to be right."""
    _expect_size(batch_size, n)
    _expect_draws(num_draws)
    return torch.stack([torch.randperm(n, generator=generator)[:batch_size] for _ in range(num_draws)])


@mistake(
    "gradient_noise",
    slug="sum_for_mean",
    hints=(
        "What should the noise of a batch of all n gradients be? What is yours?",
        "Do you compare a sum of gradients with a mean of gradients?",
        "Divide the sum over a batch's rows by batch_size before you compare.",
    ),
)
def batch_summed(per_example_grads, batch_size, num_draws, generator):
    """You compare the sum of a batch's gradients with the mean of all. The distance then grows with the batch, when it
    should fall. Look at how the rows of a batch become one vector."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].sum(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Scale all gradients by 2. By which factor should the noise change? By which does yours?",
        "The noise has the unit of a squared gradient.",
        "Square each distance before you average over the draws.",
    ),
)
def distance_not_squared(per_example_grads, batch_size, num_draws, generator):
    """You average distances, not squared distances. Only the squares fall as 1 / B and have the expectation of the
    formula. Look at what you compute for each draw."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.norm(dim=1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Append a column of zeros to the gradients. Should the noise change? Does yours?",
        "Over which axes do you average: over draws, over coordinates, or over both?",
        "Sum the squares over the coordinates, and average over the draws alone.",
    ),
)
def mean_over_coordinates(per_example_grads, batch_size, num_draws, generator):
    """Your noise is too small by the factor d: the squares are averaged over the coordinates. A squared distance is
    their sum. Look at the axis over which each mean goes."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure with 10 and with 1000 draws. How do the two results compare?",
        "More draws should make the result more exact, not larger.",
        "Divide the sum over the draws by num_draws.",
    ),
)
def sum_over_draws(per_example_grads, batch_size, num_draws, generator):
    """You add up over the draws, but do not average: the result grows with num_draws. Look at the last thing that
    happens to the sum."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure with 1000 draws and ten generators. How much do the results differ?",
        "If all draws are of one batch, what do the second and the third add?",
        "Shuffle anew within the loop over the draws.",
    ),
)
def one_batch_for_all_draws(per_example_grads, batch_size, num_draws, generator):
    """All of your draws are of one and the same batch. So more draws do not make the result more exact: it is as noisy
    as a single one. Look at whether the rows are drawn inside or outside the loop."""
    _expect_draws(num_draws)
    (rows,) = _batches(len(per_example_grads), batch_size, 1, generator)
    return (per_example_grads[rows].mean(0) - per_example_grads.mean(0)).square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Draw two batches of 2 of 5 gradients many times. How often do your two have a gradient in common?",
        "A row that one batch has used, can the next one of yours use it? In an epoch it cannot; are these draws an epoch?",
        "For each draw, shuffle all rows anew.",
    ),
)
def draws_cut_from_one_order(per_example_grads, batch_size, num_draws, generator):
    """Your draws depend on each other: a batch avoids the gradients that the batch before it has used, as in an epoch.
    Each is right by itself, but together they are more exact than independent draws, and hide the noise that you
    measure. Look at when you shuffle."""
    n = len(per_example_grads)
    _expect_size(batch_size, n)
    _expect_draws(num_draws)
    full, total, order = per_example_grads.mean(0), 0.0, []
    for _ in range(num_draws):
        if len(order) < batch_size:
            order = torch.randperm(n, generator=generator).tolist()
        rows, order = order[:batch_size], order[batch_size:]
        total += (per_example_grads[rows].mean(0) - full).square().sum().item()
    return total / num_draws


@mistake(
    "gradient_noise",
    hints=(
        "Let two draws be wrong in opposite directions, by equal amounts. What should the noise be? What is yours?",
        "What do you average first: errors, or their squared lengths?",
        "Compute the squared length for each draw, and average these numbers.",
    ),
)
def square_of_mean(per_example_grads, batch_size, num_draws, generator):
    """You average the errors of the draws first and square afterwards. Errors in opposite directions cancel, so your
    result falls towards 0 with more draws. Look at the order of averaging and squaring."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.mean(0).square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Add the same vector to all gradients. Should the noise change? Does yours?",
        "The noise is a distance between two vectors. Which two do you use?",
        "Subtract the mean of all rows before you square.",
    ),
)
def full_mean_forgotten(per_example_grads, batch_size, num_draws, generator):
    """You measure how long a batch's mean gradient is, not how far it is from the mean of all. A long but exact
    gradient would count as noise. Look at what is subtracted before squaring."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    return per_example_grads[rows].mean(1).square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "What do you get for a single draw, and what should it be?",
        "From which point do you measure the distances: from the mean of all gradients, or from the mean of your batches?",
        "Measure from the mean of all rows, which does not depend on the draws.",
    ),
)
def centred_on_batch_means(per_example_grads, batch_size, num_draws, generator):
    """You measure how far the batches' means are from their own average, not from the mean of all gradients. With few
    draws that is too small, and with one it is 0. Look at which centre you subtract."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    means = per_example_grads[rows].mean(1)
    return (means - means.mean(0)).square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure twice with one draw and different generators. Should both results be the same?",
        "Where does your function use the generator, and num_draws?",
        "Draw batches and average what you see; the formula is for comparing afterwards.",
    ),
)
def closed_form(per_example_grads, batch_size, num_draws, generator):
    """You return what the formula expects, not what draws of batches show: the result depends neither on the generator
    nor on num_draws. The exercise is the measurement, of which the formula is the expectation. Look at the left-hand
    side instead."""
    n = len(per_example_grads)
    _expect_size(batch_size, n)
    _expect_draws(num_draws)
    spread = (per_example_grads - per_example_grads.mean(0)).square().sum(1).mean().item()
    return spread / batch_size * (n - batch_size) / max(n - 1, 1)


@mistake(
    "gradient_noise",
    slug="global_generator",
    hints=(
        "Seed two generators alike and measure with each. Is it the same number?",
        "Functions of torch that draw random numbers use a global state unless they are told otherwise.",
        "Pass `generator` on to the function that draws the rows.",
    ),
)
def noise_by_global_generator(per_example_grads, batch_size, num_draws, generator):
    """You draw from torch's global random state, not from the generator that is passed in. So nobody can repeat your
    measurement by seeding the generator. Look at what the drawing function is given."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, None)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Call your function with num_draws=0, and read the error.",
        "What is the mean of no numbers?",
        "Check num_draws before the loop, and raise a ValueError that names it.",
    ),
)
def no_draws_accepted(per_example_grads, batch_size, num_draws, generator):
    """You do not refuse num_draws below 1, but divide by it: the mean over no draws does not exist. Look at what your
    function does before its loop, and which arguments the docstring wants refused."""
    n = len(per_example_grads)
    _expect_size(batch_size, n)
    full, total = per_example_grads.mean(0), 0.0
    for _ in range(num_draws):
        rows = torch.randperm(n, generator=generator)[:batch_size]
        total += (per_example_grads[rows].mean(0) - full).square().sum().item()
    return total / num_draws


@mistake(
    "gradient_noise",
    slug="larger_batch_accepted",
    hints=(
        "Ask for a batch of 4 of 3 gradients. What comes back?",
        "Taking the first 4 entries of a list of 3 is no error in Python: what does it give?",
        "Compare batch_size with the number of rows first, and raise a ValueError that names batch_size.",
    ),
)
def noise_of_more_than_all(per_example_grads, batch_size, num_draws, generator):
    """You accept a batch_size above the number of gradients, for which no such batch exists, and return a number as if
    it did. Look at both ends of the range that is allowed."""
    n = len(per_example_grads)
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    rows = _batches(n, min(batch_size, n), num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "What is the type of your result?",
        "The docstring promises a Python float.",
        "Convert the last tensor to a number; tensors have a method for it.",
    ),
)
def tensor_returned(per_example_grads, batch_size, num_draws, generator):
    """You return a tensor with one element, where a Python float was promised. The value is right. Look at the type of
    what you return."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean()


# -- sgd


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
