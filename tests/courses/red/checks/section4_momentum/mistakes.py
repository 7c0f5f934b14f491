"""Wrong answers."""

import torch

from grader.toolkit.mistakes import mistake


@mistake("momentum_step", hints=("A hint about the red mistake.", "Multiply."))
def red_forgotten(x):
    """You forgot the red factor."""
    return x


@mistake("jitter", hints=("A hint about the red jitter.", "Multiply."))
def red_jitter(generator):
    """You draw without the red factor."""
    return float(torch.rand((), generator=generator))
