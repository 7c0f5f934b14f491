"""The risk of two weights on MNIST, whose text is in the section: students experiment with it. Here are the check's runs."""

import torch
from torch import Tensor

from ..shared.two_weights import halves, minimum, smallest_risk

__all__ = ["CORNERS", "halves", "minimum", "risks_above", "smallest_risk", "starts"]
CORNERS = torch.tensor([[2.0, 2.0], [-2.0, 2.0], [2.0, -2.0], [-2.0, -2.0]], dtype=torch.float64)  # starts lie between


def starts(seed: int) -> Tensor:
    """Four starts (4, 2), one in each quarter of the square."""
    generator = torch.Generator().manual_seed(seed)
    return CORNERS * torch.rand(4, 2, generator=generator, dtype=torch.float64)


def risks_above(lrs: Tensor, betas: Tensor, w: Tensor, steps: int, average: bool = False) -> Tensor:
    """The risk above its minimum after some steps of the heavy ball, (pairs, starts), of pairs (p,), (p,) and starts (s, 2).

    With `average`, the velocity is an exponential moving average of the gradients.
    """
    lr, beta = lrs[:, None, None], betas[:, None, None]
    w = w.expand(len(lrs), *w.shape).clone()
    v = torch.zeros_like(w)
    for _ in range(steps):
        v = beta * v + (1 - beta if average else 1.0) * halves().gradient(w)
        w = w - lr * v
    return halves().risk(w) - smallest_risk()
