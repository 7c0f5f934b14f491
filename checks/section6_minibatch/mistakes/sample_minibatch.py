"""Mistakes in sample_minibatch."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_size


@mistake(
    "sample_minibatch",
    hints=(
        "Draw 20 of 40 examples a few times and sort the labels. Is a label there twice?",
        "Independent random row numbers can be equal, like dice. How do you draw cards from a deck?",
        "Put all row numbers in a random order and take the first batch_size of them.",
    ),
)
def with_replacement(X, y, batch_size, generator):
    """The same example can occur twice in your batch: you draw each row from all rows, also from those already drawn.
    So the batch holds less information than batch_size different examples. Prevent a second draw of the same row."""
    expect_size(batch_size, len(X))
    rows = torch.randint(len(X), (batch_size,), generator=generator)
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    hints=(
        "Let X = 0, 10, 20 and y = 0, 1, 2. Which label comes with which example?",
        "How many times do you draw random numbers for one batch? How many times should you?",
        "Draw the row numbers once, keep them in a variable, and index both tensors with it.",
    ),
)
def separate_draws(X, y, batch_size, generator):
    """Your examples and labels come from different rows, as if you draw X and y separately. A model cannot learn the
    labels from these batches. Compare the row numbers for X with those for y."""
    expect_size(batch_size, len(X))
    X_batch = X[torch.randperm(len(X), generator=generator)[:batch_size]]
    return X_batch, y[torch.randperm(len(X), generator=generator)[:batch_size]]


@mistake(
    "sample_minibatch",
    hints=(
        "Call your function twice with different generators and compare the labels.",
        "Where in your function does the generator influence the result?",
        "Index with random row numbers, not with the first batch_size numbers.",
    ),
)
def first_rows(X, y, batch_size, generator):
    """Your batch is always the first rows of the data, for every generator. You never use the other examples, so the
    mean of your batch gradients is not the full gradient. Check how you choose the rows."""
    expect_size(batch_size, len(X))
    return X[:batch_size].clone(), y[:batch_size].clone()


@mistake(
    "sample_minibatch",
    hints=(
        "Draw 3 of 10 a few times and sort the labels. Which property do all batches share?",
        "How many different batches can your function return? There are 120 sets of 3 of 10 examples.",
        "Every row number of the batch must be random, not only the first. Shuffle the row numbers, then take the first ones.",
    ),
)
def consecutive_rows(X, y, batch_size, generator):
    """Your batch is a block of neighbouring rows with a random start. Neighbours in a data set are often similar, and
    most sets of examples can never occur. Check how many random numbers determine a batch."""
    expect_size(batch_size, len(X))
    start = int(torch.randint(len(X) - batch_size + 1, (1,), generator=generator))
    return X[start : start + batch_size].clone(), y[start : start + batch_size].clone()


@mistake(
    "sample_minibatch",
    hints=(
        "Draw a batch of all examples, fill it with zeros, and print X.",
        "Which objects does your function return when batch_size equals n?",
        "Return copies in this case, too. Indexing with a tensor of row numbers makes copies.",
    ),
)
def whole_set_uncopied(X, y, batch_size, generator):
    """For a batch of all examples you return the data itself or a view, not a copy. A caller that scales or augments
    the batch then changes the data set for all later epochs. Check the case batch_size = n."""
    expect_size(batch_size, len(X))
    if batch_size == len(X):
        return X, y
    rows = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="shuffled_in_place",
    hints=(
        "Keep a copy of X, draw a batch, and compare.",
        "Where do you store the shuffled examples: in a new tensor, or in the caller's tensor?",
        "Do not assign into X and y. Draw row numbers instead, and index with them.",
    ),
)
def sample_shuffled_in_place(X, y, batch_size, generator):
    """You change the caller's own data: after a draw, rows of X and y have other values. Other code that refers to
    example 17 now gets another example. Check where your function writes to its arguments."""
    expect_size(batch_size, len(X))
    order = torch.randperm(len(X), generator=generator)
    X.copy_(X[order])
    y.copy_(y[order])
    return X[:batch_size].clone(), y[:batch_size].clone()


@mistake(
    "sample_minibatch",
    slug="global_generator",
    hints=(
        "Give two generators the same seed and draw a batch with each. Are the batches equal?",
        "Torch's random functions use a global state by default.",
        "Pass `generator` to the function that draws.",
    ),
)
def sample_by_global_generator(X, y, batch_size, generator):
    """You draw from torch's global random state, not from `generator`. So a seed of the generator does not repeat a
    batch, and you change the random numbers of other code. Check the arguments of the function that draws."""
    expect_size(batch_size, len(X))
    rows = torch.randperm(len(X))[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="reseeded",
    hints=(
        "Call your function twice with the same generator. Should the second batch equal the first?",
        "The caller sets the seed. How does the state of the generator change in your function?",
        "Do not seed: draw from `generator` as it is, so that its state changes.",
    ),
)
def sample_reseeded(X, y, batch_size, generator):
    """Your function returns the same rows in every call, for every state of the generator, as if you seed it before
    each draw. So all steps of a training see the same examples. Check your code for a seed, and how you choose the
    rows."""
    expect_size(batch_size, len(X))
    rows = torch.randperm(len(X), generator=generator.manual_seed(0))[:batch_size]
    return X[rows], y[rows]


@mistake(
    "sample_minibatch",
    slug="larger_batch_accepted",
    hints=(
        "Ask for 4 of 3 examples. What do you get?",
        "For a list of 3, Python accepts a slice of the first 4 entries. What does it give?",
        "Before you draw, compare batch_size with the number of examples, and raise a ValueError that names batch_size.",
    ),
)
def sample_of_more_than_all(X, y, batch_size, generator):
    """You accept a batch_size above the number of examples, and return a batch with fewer rows. Code that divides by
    batch_size then computes wrong means without an error. Check both ends of the allowed range."""
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
        "Allow batch_size equal to n: use a comparison that includes n.",
    ),
)
def sample_of_all_refused(X, y, batch_size, generator):
    """You refuse a batch of all n examples, but batch_size may be any number from 1 to n. With batch_size = n, SGD is
    gradient descent. Check the comparison with n."""
    if not 1 <= batch_size < len(X):
        raise ValueError("batch_size is out of range")
    rows = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[rows], y[rows]
