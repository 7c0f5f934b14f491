"""Mistakes in minibatches."""

import torch

from grader.toolkit.mistakes import mistake
from solutions.section6_minibatch import sample_minibatch

from .shared import expect_size


@mistake(
    "minibatches",
    hints=(
        "Print the labels of the first batch for a few different generators.",
        "Where in your function does the generator influence the result?",
        "Shuffle the row numbers first, then cut them into batches.",
    ),
)
def unshuffled(X, y, batch_size, generator, drop_last=False):
    """You cut the data into batches in their stored order. Data are often sorted by label, and then every batch holds
    one class only. Check where you make the order random."""
    expect_size(batch_size, len(X))
    for rows in torch.arange(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Go through two epochs with one generator and compare the labels.",
        "How does the state of the generator change between two epochs? Does your code reset it?",
        "Do not seed in the function: draw the order from `generator` as it is.",
    ),
)
def same_order_every_epoch(X, y, batch_size, generator, drop_last=False):
    """Your order is not the stored one, but it is the same in every epoch and for every generator, as if you set a seed
    each time. So the model gets the same batches again and again. Check your code for a seed, and for the use of
    `generator`."""
    expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X), generator=generator.manual_seed(0)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Count the labels of an epoch of 7 examples in batches of 3.",
        "If you lose no example, how many batches do 7 examples make? Does n // batch_size give this number?",
        "Round the number of batches up; a slice stops at the last example by itself. Leave a batch out only for drop_last.",
    ),
)
def last_batch_dropped(X, y, batch_size, generator, drop_last=False):
    """You leave out the smaller last batch even when drop_last is False. So each epoch loses up to batch_size - 1
    examples. Check how you count the batches."""
    expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    for k in range(len(X) // batch_size):
        rows = order[k * batch_size : (k + 1) * batch_size]
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 7 examples in batches of 3, with drop_last=True. Which sizes do you get?",
        "Where does your function use drop_last?",
        "If drop_last is true, skip a batch that has fewer than batch_size rows.",
    ),
)
def drop_last_ignored(X, y, batch_size, generator, drop_last=False):
    """You return the smaller last batch even with drop_last=True. Some code needs batches of equal size. Check where
    your function uses drop_last."""
    expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 6 examples in batches of 3, with drop_last=True. How many batches do you get?",
        "drop_last is for a batch that is too small. Is there a small batch if batch_size divides n?",
        "Leave the last batch out only if it has fewer than batch_size rows.",
    ),
)
def full_last_batch_dropped(X, y, batch_size, generator, drop_last=False):
    """With drop_last=True you leave out the last batch even if it is full. If batch_size divides n, you lose a whole
    batch of examples. Check the condition for leaving a batch out."""
    expect_size(batch_size, len(X))
    batches = torch.randperm(len(X), generator=generator).split(batch_size)
    for rows in batches[:-1] if drop_last else batches:
        yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Sort the labels within each batch. Which examples are always together?",
        "Do you shuffle the examples, or the batches?",
        "Shuffle all row numbers before you cut them into batches.",
    ),
)
def only_batches_shuffled(X, y, batch_size, generator, drop_last=False):
    """You shuffle the order of the batches, but each batch holds the same neighbouring examples in every epoch. So most
    divisions into batches never occur. Check whether you shuffle before or after you cut."""
    expect_size(batch_size, len(X))
    batches = torch.arange(len(X)).split(batch_size)
    full = len(X) // batch_size
    order = torch.randperm(full, generator=generator).tolist()
    for k in order if drop_last else [*order, *range(full, len(batches))]:
        yield X[batches[k]], y[batches[k]]


@mistake(
    "minibatches",
    hints=(
        "Print the labels 0 to 5 in the order of an epoch. Which label follows 2? And in the next epoch?",
        "You draw one random number. How many different orders can it give?",
        "Draw a random order of all row numbers, not only the first row.",
    ),
)
def shifted_cyclically(X, y, batch_size, generator, drop_last=False):
    """Your epoch starts at a random example and continues in the stored order. So neighbours stay together, and with
    data sorted by class a batch holds one class only. Every order should be possible: check which part of yours is
    random."""
    expect_size(batch_size, len(X))
    start = int(torch.randint(len(X), (), generator=generator))
    for rows in torch.arange(len(X)).roll(-start).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    slug="independent_batches",
    hints=(
        "Sort all labels of an epoch. Is each of them there exactly once?",
        "Does a batch know which examples the earlier batches have used?",
        "Draw one random order for the whole epoch and cut it into batches.",
    ),
)
def batches_drawn_one_by_one(X, y, batch_size, generator, drop_last=False):
    """In your epoch, some examples occur twice and others never, as when each batch is drawn from all examples. An
    epoch uses each example exactly once. Draw one order for all batches of an epoch."""
    expect_size(batch_size, len(X))
    for start in range(0, len(X), batch_size):
        size = min(batch_size, len(X) - start)
        if size == batch_size or not drop_last:
            yield sample_minibatch(X, y, size, generator)


@mistake(
    "minibatches",
    slug="global_generator",
    hints=(
        "Give two generators the same seed and run an epoch with each. Is the order the same?",
        "Torch's random functions use a global state by default.",
        "Pass `generator` to the function that draws the order.",
    ),
)
def shuffled_by_global_generator(X, y, batch_size, generator, drop_last=False):
    """You shuffle with torch's global random state, not with `generator`. So a seed of the generator does not repeat an
    epoch, and you change the random numbers of other code. Check the arguments of the function that draws."""
    expect_size(batch_size, len(X))
    for rows in torch.randperm(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Let X = 0, 10, 20 and y = 0, 1, 2. Which label comes with which example?",
        "How many random orders do you draw for one epoch?",
        "Draw one order, keep it in a variable, and index both tensors with it.",
    ),
)
def separate_orders(X, y, batch_size, generator, drop_last=False):
    """Your examples and labels no longer match, as if you shuffle X and y separately. A model cannot learn the labels
    from these batches. Compare the order that you use for X with the order for y."""
    expect_size(batch_size, len(X))
    X_rows, y_rows = (torch.randperm(len(X), generator=generator).split(batch_size) for _ in range(2))
    for for_X, for_y in zip(X_rows, y_rows, strict=True):
        if len(for_X) == batch_size or not drop_last:
            yield X[for_X], y[for_y]


@mistake(
    "minibatches",
    hints=(
        "Keep a copy of X, run an epoch, and compare.",
        "Where do you store the shuffled examples: in a new tensor, or in the caller's tensor?",
        "Do not assign into X and y. Shuffle row numbers instead, and index with them.",
    ),
)
def shuffled_in_place(X, y, batch_size, generator, drop_last=False):
    """You shuffle the caller's own data: after an epoch, the rows of X and y are in another order. Other code that
    refers to example 17 now gets another example. Check where your function writes to its arguments."""
    expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    X.copy_(X[order])
    y.copy_(y[order])
    for rows in torch.arange(len(X)).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "For 3 examples, how many random outcomes can your shuffle have? How many orders do they give?",
        "Three swaps with any of 3 positions have 27 outcomes. You cannot divide 27 evenly among 6 orders. Count yours.",
        "Use a ready-made random permutation, or swap each position only with itself and later positions.",
    ),
)
def biased_swaps(X, y, batch_size, generator, drop_last=False):
    """Your order is random, but some examples are in the first batch more often than others. A shuffle that swaps each
    position with any other position does this, for instance. Check how you shuffle, and count its outcomes for 3
    examples."""
    expect_size(batch_size, len(X))
    order = list(range(len(X)))
    for i, j in enumerate(torch.randint(len(X), (len(X),), generator=generator).tolist()):
        order[i], order[j] = order[j], order[i]
    for rows in torch.tensor(order).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    hints=(
        "Ask for 7 examples in batches of 3. Which sizes do you get, and is each example there once?",
        "If only one example is left for the last batch, which others do you add?",
        "Let the last batch be smaller than the others.",
    ),
)
def last_batch_filled_up(X, y, batch_size, generator, drop_last=False):
    """You fill the last batch with examples that the epoch has already used, so that all batches have the same size.
    These examples then count twice. Check your code for a batch_size that does not divide n."""
    expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    for start in range(0, len(X), batch_size):
        rows = order[torch.arange(start, start + batch_size) % len(X)]
        if start + batch_size <= len(X) or not drop_last:
            yield X[rows], y[rows]


@mistake(
    "minibatches",
    slug="larger_batch_accepted",
    hints=(
        "Ask for batches of 4 of 3 examples. What do you get?",
        "Python accepts a slice that ends after the last entry. What does it give?",
        "Compare batch_size with the number of examples first, and raise a ValueError that names batch_size.",
    ),
)
def batches_of_more_than_all(X, y, batch_size, generator, drop_last=False):
    """You accept a batch_size above the number of examples. Then the only batch is too small, or missing with
    drop_last, and a training does nothing without an error. Check both ends of the allowed range."""
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    for rows in torch.randperm(len(X), generator=generator).split(batch_size):
        if len(rows) == batch_size or not drop_last:
            yield X[rows], y[rows]
