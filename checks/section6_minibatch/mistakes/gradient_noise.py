"""Mistakes in gradient_noise."""

import torch

from grader.toolkit.mistakes import mistake

from .shared import expect_size


def _expect_draws(num_draws):
    if num_draws < 1:
        raise ValueError(f"num_draws must be at least 1, got {num_draws}")


@mistake(
    "gradient_noise",
    slug="with_replacement",
    hints=(
        "What should the noise of a batch of all n gradients be? What is yours?",
        "Compare with the formula: which of its factors is 1 if a draw may repeat a row?",
        "Shuffle the row numbers for each draw and take the first batch_size of them.",
    ),
)
def rows_put_back(per_example_grads, batch_size, num_draws, generator):
    """The same gradient can occur twice in your batch. Then the noise is larger, as if the factor (n - B) / (n - 1)
    were missing, and even a batch of all examples is noisy. Check how you draw a batch's rows."""
    n = len(per_example_grads)
    expect_size(batch_size, n)
    _expect_draws(num_draws)
    rows = torch.randint(n, (num_draws, batch_size), generator=generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


def _batches(n, batch_size, num_draws, generator):
    """Row numbers (num_draws, batch_size), after a check of the arguments."""
    expect_size(batch_size, n)
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
    """You compare the sum of a batch's gradients with the mean of all. So the distance grows with the batch, but it
    should fall. Check how you combine the rows of a batch into one vector."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].sum(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Scale all gradients by 2. By which factor should the noise change? By which factor does yours change?",
        "The noise has the unit of a squared gradient.",
        "Square each distance before you average over the draws.",
    ),
)
def distance_not_squared(per_example_grads, batch_size, num_draws, generator):
    """You average distances, not squared distances. Only the squares fall as 1 / B and have the expectation of the
    formula. Check the quantity that you compute for each draw."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.norm(dim=1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Append a column of zeros to the gradients. Should the noise change? Does yours?",
        "Over which axes do you average: the draws, the coordinates, or both?",
        "Sum the squares over the coordinates, and average over the draws only.",
    ),
)
def mean_over_coordinates(per_example_grads, batch_size, num_draws, generator):
    """Your noise is too small by the factor d: you average the squares over the coordinates. A squared distance is
    their sum. Check the axis of each mean."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure with 10 and with 1000 draws. Compare the two results.",
        "More draws should make the result more accurate, not larger.",
        "Divide the sum over the draws by num_draws.",
    ),
)
def sum_over_draws(per_example_grads, batch_size, num_draws, generator):
    """You add up over the draws, but do not average: the result grows with num_draws. Check the last operation on the
    sum."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure with 1000 draws and ten generators. How much do the results differ?",
        "If all draws use one batch, what information do the second and the third add?",
        "Shuffle again in the loop over the draws.",
    ),
)
def one_batch_for_all_draws(per_example_grads, batch_size, num_draws, generator):
    """Your result does not become more accurate with more draws, as if all use the same batch, or you make only one. Check
    whether you draw the rows inside or outside the loop."""
    _expect_draws(num_draws)
    (rows,) = _batches(len(per_example_grads), batch_size, 1, generator)
    return (per_example_grads[rows].mean(0) - per_example_grads.mean(0)).square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Draw two batches of 2 of 5 gradients many times. How often do they share a gradient?",
        "May the next batch use a row that a batch has used? In an epoch it may not. Are these draws an epoch?",
        "Shuffle all rows again for each draw.",
    ),
)
def draws_cut_from_one_order(per_example_grads, batch_size, num_draws, generator):
    """Your draws depend on each other: a batch avoids the gradients of the batch before it, as in an epoch. Each draw
    is right, but together they are more accurate than independent draws, so you measure too little variation. Check
    when you shuffle."""
    n = len(per_example_grads)
    expect_size(batch_size, n)
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
        "Let two draws have opposite errors of equal size. What should the noise be? What is yours?",
        "Which do you average first: errors, or their squared lengths?",
        "Compute the squared length for each draw, and average these numbers.",
    ),
)
def square_of_mean(per_example_grads, batch_size, num_draws, generator):
    """You average the errors of the draws first, and then square. Errors in opposite directions cancel, so your result
    falls towards 0 with more draws. Check the order of mean and square."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.mean(0).square().sum().item()


@mistake(
    "gradient_noise",
    hints=(
        "Add the same vector to all gradients. Should the noise change? Does yours?",
        "The noise is a distance between two vectors. Which two vectors do you use?",
        "Subtract the mean of all rows before you square.",
    ),
)
def full_mean_forgotten(per_example_grads, batch_size, num_draws, generator):
    """You measure the length of a batch's mean gradient, not its distance from the mean of all. A long gradient without
    error would then count as noise. Check which vector you subtract before you square."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    return per_example_grads[rows].mean(1).square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "What is your result for a single draw, and what should it be?",
        "Do you measure distances from the mean of all gradients, or from the mean of your batches?",
        "Measure from the mean of all rows, which is independent of the draws.",
    ),
)
def centred_on_batch_means(per_example_grads, batch_size, num_draws, generator):
    """You measure the distance of the batches' means from their own average, not from the mean of all gradients. With
    few draws the result is too small, and with one draw it is 0. Check which centre you subtract."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    means = per_example_grads[rows].mean(1)
    return (means - means.mean(0)).square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Measure twice with one draw and different generators. Should the two results be equal?",
        "Where does your function use the generator and num_draws?",
        "Draw batches and average their squared distances. The formula is for a comparison afterwards.",
    ),
)
def closed_form(per_example_grads, batch_size, num_draws, generator):
    """You return the expectation from the formula, not a measurement: your result does not depend on the generator or
    on num_draws. The exercise is to measure. Compute the left-hand side of the formula."""
    n = len(per_example_grads)
    expect_size(batch_size, n)
    _expect_draws(num_draws)
    spread = (per_example_grads - per_example_grads.mean(0)).square().sum(1).mean().item()
    return spread / batch_size * (n - batch_size) / max(n - 1, 1)


@mistake(
    "gradient_noise",
    slug="global_generator",
    hints=(
        "Give two generators the same seed and measure with each. Are the results equal?",
        "Torch's random functions use a global state by default.",
        "Pass `generator` to the function that draws the rows.",
    ),
)
def noise_by_global_generator(per_example_grads, batch_size, num_draws, generator):
    """You draw from torch's global random state, not from `generator`. So a seed of the generator does not repeat your
    measurement. Check the arguments of the function that draws."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, None)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean().item()


@mistake(
    "gradient_noise",
    hints=(
        "Call your function with num_draws=0, and read the error message.",
        "What is the mean of an empty list of numbers?",
        "Check num_draws before the loop, and raise a ValueError that names it.",
    ),
)
def no_draws_accepted(per_example_grads, batch_size, num_draws, generator):
    """You accept num_draws below 1 and divide by it, but the mean of no draws does not exist. Refuse it before your
    loop. Check which arguments the docstring says to refuse."""
    n = len(per_example_grads)
    expect_size(batch_size, n)
    full, total = per_example_grads.mean(0), 0.0
    for _ in range(num_draws):
        rows = torch.randperm(n, generator=generator)[:batch_size]
        total += (per_example_grads[rows].mean(0) - full).square().sum().item()
    return total / num_draws


@mistake(
    "gradient_noise",
    slug="larger_batch_accepted",
    hints=(
        "Ask for a batch of 4 of 3 gradients. What do you get?",
        "For a list of 3, Python accepts a slice of the first 4 entries. What does it give?",
        "Compare batch_size with the number of rows first, and raise a ValueError that names batch_size.",
    ),
)
def noise_of_more_than_all(per_example_grads, batch_size, num_draws, generator):
    """You accept a batch_size above the number of gradients and return a number for it. There is no such batch. Check
    both ends of the allowed range."""
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
    """You return a tensor with one element instead of a Python float. The value is right. Check the type of your
    result."""
    rows = _batches(len(per_example_grads), batch_size, num_draws, generator)
    errors = per_example_grads[rows].mean(1) - per_example_grads.mean(0)
    return errors.square().sum(1).mean()
