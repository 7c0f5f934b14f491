"""Mistakes in minibatches."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section6_minibatch import sample_minibatch

from .shared import _expect_size


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
