"""Programs that take many steps of a momentum rule, and that ask for the sharpness of a loss."""

from typing import Any

import torch
from torch import Tensor

from ..shared.problems import starting_values
from .problems import Loss


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


def sharpness_of(
    submission: Any, loss: Loss, params: list[Tensor], num_iters: int, generator: torch.Generator
) -> float:
    """The sharpness of a loss at copies of `params`, which require grad."""
    own = [param.clone().requires_grad_() for param in params]
    found: float = submission.sharpness(loss.bind(own), own, num_iters, generator)
    return found


def sharpness_of_starts(
    submission: Any, loss: Loss, params: list[Tensor], num_iters: int, seeds: list[int]
) -> list[float]:
    """The same with a new generator for each seed."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    return [sharpness_of(submission, loss, params, num_iters, generator) for generator in generators]


def sharpness_along(submission: Any, loss: Loss, path: list[list[Tensor]], num_iters: int) -> list[float]:
    """The sharpness at each of several points, each from the same start."""
    return [sharpness_of(submission, loss, params, num_iters, torch.Generator().manual_seed(0)) for params in path]


def left_by_sharpness(
    submission: Any, secret: int, loss: Loss, params: list[Tensor], generator: torch.Generator
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """The parameters, their `.grad` and torch's global random state after a call; the last two were set from a secret."""
    own = [param.clone().requires_grad_() for param in params]
    for param, grad in zip(own, starting_values([param.shape for param in own], secret, 1.0, 1.0), strict=True):
        param.grad = grad
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(secret)
        submission.sharpness(loss.bind(own), own, 5, generator)
        state = torch.get_rng_state()
    grads = [torch.empty(0) if param.grad is None else param.grad for param in own]
    return [param.detach() for param in own], grads, state
