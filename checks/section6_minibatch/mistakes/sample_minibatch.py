"""Mistakes in sample_minibatch."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_size


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
