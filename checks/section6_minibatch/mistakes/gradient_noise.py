"""Mistakes in gradient_noise."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import _expect_size


def _expect_draws(num_draws):
    if num_draws < 1:
        raise ValueError(f"num_draws must be at least 1, got {num_draws}")


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
