"""Section 4, wrong on purpose."""

import torch

from grader.toolkit.mistakes import mistake


@mistake(
    "momentum_step",
    hints=(
        "Start from a zero velocity and push twice with the same gradient. How large should the velocity be?",
        "Heavy ball *adds*: after many equal gradients the velocity is 1 / (1 - beta) times one of them. How large is yours?",
        "The gradient enters the velocity with weight 1; only the old velocity is multiplied by beta.",
    ),
)
def exponential_average(params, grads, velocities, lr, beta):
    """Your velocity averages: it weighs the new gradient by 1 - beta. Heavy ball adds the whole gradient, so that
    the velocity can grow up to 1 / (1 - beta) times the gradient. Compare the first line of the formula with yours."""
    if lr < 0:
        raise ValueError("lr must be at least 0")
    if not 0 <= beta < 1:
        raise ValueError("beta must be in [0, 1)")
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_((1 - beta) * g)
            w.sub_(lr * v)
