"""The fair race: every optimizer of the course with the same sweep of learning rates, on one network and digits."""

from functools import lru_cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.figures.gather import Array, Work

from ..shared.digits import small_images
from ..shared.problems import starting_values
from ..shared.programs import descend
from .programs import losses_at_the_end

RATES = tuple(10 ** (place / 2) for place in range(-7, 2))
DECADE = 2  # rates
EXAMPLES, HIDDEN, STEPS = 200, 16, 60
RULES = {"adagrad_step": "Adagrad", "rmsprop_step": "RMSprop", "adam_step": "Adam"}
PLAIN = {"gradient descent": 0.0, "momentum": 0.9}  # with their betas


def problem(seed: int = 0) -> tuple[list[Tensor], Tensor, Tensor]:
    """Starting weights, images of 14 x 14 pixels, and labels."""
    X, y = small_images(EXAMPLES)
    return starting_values(((HIDDEN, X.shape[1]), (HIDDEN,), (10, HIDDEN), (10,)), seed, 0.1, 0.0), X.double(), y


@lru_cache
def plain_losses(name: str, seed: int = 0) -> Array:
    """The final loss at each rate of gradient descent or momentum."""
    return np.array([_plain_loss(PLAIN[name], lr, seed) for lr in RATES])


def _plain_loss(beta: float, lr: float, seed: int) -> float:
    weights, X, y = problem(seed)
    velocities = [torch.zeros_like(weight) for weight in weights]

    def update(params: list[Tensor], grads: list[Tensor], _: int) -> None:
        for weight, gradient, velocity in zip(params, grads, velocities, strict=True):
            velocity.mul_(beta).add_(gradient)
            weight.sub_(lr * velocity)

    *_, last = descend(update, weights, X, y, STEPS)
    return last


def ask_for(work: Work, rule: str, seed: int = 0) -> None:
    """Gather the final loss at each rate of a student's rule, once for all pictures and predictions."""
    work.share(f"race of {rule} from {seed}", partial(_gather, rule=rule, seed=seed))


def _gather(work: Work, rule: str, seed: int) -> None:
    def losses(functions: Any) -> Any:
        return functions.run(losses_at_the_end, rule, *problem(seed), RATES, STEPS)

    work.ask(rule, rule, losses, (len(RATES),))
