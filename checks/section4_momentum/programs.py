"""Programs that take many steps of a momentum rule, for figures."""

from typing import Any

import torch
from torch import Tensor


def path_down_bowl(
    submission: Any, rule: str, curvatures: Tensor, start: Tensor, lr: float, beta: float, num_steps: int
) -> Tensor:
    """The path (num_steps + 1, d) of the update rule `rule` on the bowl `1/2 sum(curvatures * w^2)`."""
    step = getattr(submission, rule)
    w, velocity = start.clone(), torch.zeros_like(start)
    path = [w.clone()]
    for _ in range(num_steps):
        step([w], [curvatures * w], [velocity], lr=lr, beta=beta)
        path.append(w.clone())
    return torch.stack(path)


def steps_of_unit_states(submission: Any, rule: str, curvatures: Tensor, lrs: Tensor, betas: Tensor) -> Tensor:
    """The matrix of one step from (weight, velocity) to the next, for each beta, lr and curvature of a bowl.

    Its columns are the states after a step from (1, 0) and from (0, 1); shape (betas, lrs, curvatures, 2, 2).
    """
    step = getattr(submission, rule)
    weights = torch.tensor([[1.0], [0.0]], dtype=curvatures.dtype).repeat(1, len(curvatures))
    ends = []
    for beta in betas.tolist():
        for lr in lrs.tolist():
            w, v = weights.clone(), 1 - weights
            step([w], [curvatures * w], [v], lr=lr, beta=beta)
            ends.append(torch.stack([w, v]))  # (new weight or velocity, old unit state, curvature)
    return torch.stack(ends).reshape(len(betas), len(lrs), 2, 2, -1).permute(0, 1, 4, 2, 3).contiguous()
