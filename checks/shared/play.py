"""Programs that run a method under many settings, for the page on which a student plays with them."""

from typing import Any

import torch
from torch import Tensor, nn


def paths_down_bowl(
    submission: Any,
    rule: str,
    curvatures: Tensor,
    start: Tensor,
    settings: list[dict[str, float]],
    num_states: int,
    is_counted: bool,
    num_steps: int,
) -> Tensor:
    """The ways of the update rule called `rule` down the bowl `1/2 sum(curvatures * w^2)`, (settings, num_steps + 1, d).

    The rule takes weights, gradients and `num_states` lists that begin as zeros, then, with `is_counted`, the number of the
    step, and one of the settings.
    """
    step = getattr(submission, rule)
    paths = []
    for setting in settings:
        w, states = start.clone(), [[torch.zeros_like(start)] for _ in range(num_states)]
        path = [w.clone()]
        for number in range(1, num_steps + 1):
            counted = {"step": number} if is_counted else {}
            step([w], [curvatures * w], *states, **counted, **setting)
            path.append(w.clone())
        paths.append(torch.stack(path))
    return torch.stack(paths)


def losses_of_sgd(
    submission: Any, X: Tensor, y: Tensor, num_classes: int, lrs: list[float], batch_size: int, num_epochs: int
) -> Tensor:
    """The losses that `sgd` returns for softmax regression that starts from zeros, (lrs, steps)."""
    runs = []
    for lr in lrs:
        model = nn.Linear(X.shape[1], num_classes, dtype=X.dtype)
        with torch.no_grad():
            for param in model.parameters():
                param.zero_()
        generator = torch.Generator().manual_seed(0)
        losses = submission.sgd(model, nn.functional.cross_entropy, X, y, lr, batch_size, num_epochs, generator)
        runs.append(torch.tensor(losses, dtype=torch.float64))
    return torch.stack(runs)
