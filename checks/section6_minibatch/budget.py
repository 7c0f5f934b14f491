"""What a number of examples buys: `sgd` with each batch size, at several learning rates."""

from functools import partial
from typing import Any

import torch

from grader.figures.gather import Gathered, Work

from ..shared.digits import digits, expect_form, fresh_network
from ..shared.programs import mean_loss
from .problems import BatchCrossEntropy
from .programs import train_by_sgd

EXAMPLES, EPOCHS = 1000, 3
RATES = {
    1: (0.001, 0.002, 0.004),
    20: (0.02, 0.04, 0.08),
    250: (0.05, 0.1, 0.2, 0.4),
    1000: (0.05, 0.1, 0.2),
}


def train(functions: Any, size: int, lr: float, seed: int = 0) -> tuple[Any, float]:
    """The losses of the steps, and the loss on held-out images at the end."""
    start, generator = fresh_network(dtype=torch.float32, seed=seed), torch.Generator().manual_seed(seed)
    data = digits(0, EXAMPLES, torch.float32)
    losses, weights = functions.run(train_by_sgd, start, BatchCrossEntropy(), *data, lr, size, EPOCHS, generator)
    expect_form(weights, start)
    return losses, mean_loss(weights, *digits(EXAMPLES, 2 * EXAMPLES, torch.float32))


def ask_for(work: Work, size: int) -> None:
    """Gather `losses_SIZE_PLACE` and `held_out_SIZE_PLACE` for each rate, once for all pictures and predictions.

    With a batch of all examples nothing is random, and only then can the reference be compared.
    """

    def gather(work: Work) -> None:
        for place, lr in enumerate(RATES[size]):
            shapes = {f"losses_{size}_{place}": (EPOCHS * EXAMPLES // size,), f"held_out_{size}_{place}": ()}
            everything = size == EXAMPLES
            work.ask_several(shapes, "sgd", partial(train, size=size, lr=lr), exact=everything, beside=everything)

    work.share(f"budget of {size}", gather)


def best(data: Gathered, size: int) -> int | None:
    """The place of the rate with the lowest held-out loss, if every one is there."""
    ends = [data.yours(f"held_out_{size}_{place}") for place in range(len(RATES[size]))]
    if any(end is None for end in ends):
        return None
    return min(range(len(ends)), key=lambda place: float(ends[place]))  # type: ignore[arg-type]
