"""Section 1, wrong on purpose."""

import torch
from solutions.section1_tiny import mean

from grader.toolkit.mistakes import mistake


@mistake(
    "scale",
    hints=("What does your function make of a zero?", "Every entry is multiplied; yours are moved."),
)
def adds(x, factor):
    """You add the factor to every entry. Scaling multiplies, so that zero stays zero."""
    return x + factor


@mistake(
    "scale",
    hints=("Which number should become larger when the factor is 2?", "Multiply where you divide."),
)
def divides(x, factor):
    """You divide by the factor, so that a large one makes the entries small."""
    return x / factor


@mistake(
    "scale",
    slug="only_the_first",
    hints=("Try a tensor of two entries.", "The rule holds for every entry, not for one."),
)
def scales_the_first_entry(x, factor):
    """Only the first entry is multiplied; the rule is for all of them."""
    result = x.clone()
    result.view(-1)[0] *= factor
    return result


@mistake(
    "shift_in_place",
    hints=("Try a negative amount.", "Refuse it before anything is changed."),
)
def accepts_negative_amounts(params, amount):
    """You accept a negative amount, which should raise a ValueError that names it."""
    for w in params:
        w.add_(amount)


@mistake(
    "centre",
    hints=("What is the mean of your result?", "Subtract; do not divide."),
)
def divides_by_the_mean(x):
    """You divide by the mean. Centring subtracts it, so that the mean of the result is zero."""
    return x / torch.tensor(mean(x), dtype=x.dtype)
