"""Programs around the functions of section 3: many draws in one call, and what a call leaves behind."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Objective = Callable[[Tensor], Tensor]


def draw_directions(submission: Any, dim: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw `count` directions, one after another, from one generator: (count, dim)."""
    return torch.stack([submission.random_direction(dim, generator) for _ in range(count)])


def repeat_search_step(
    submission: Any, objective: Objective, w: Tensor, step_size: float, count: int, generator: torch.Generator
) -> None:
    """Make `count` search steps from the same point, with one generator. Where they went, the objective knows."""
    for _ in range(count):
        submission.random_search_step(objective, w.clone(), step_size, generator)


def gradient_at_moving_point(submission: Any, objective: Objective, points: Tensor) -> list[Tensor]:
    """Take the gradient at one tensor, which is moved in place to each row of `points` in turn."""
    w = points[0].clone()
    found = []
    for point in points:
        w.data.copy_(point)
        slopes = submission.gradient(objective, w)
        found.append(slopes.detach().clone() if isinstance(slopes, Tensor) else slopes)
    return found


def start_and_traces(submission: Any, function: str, *args: Any) -> tuple[Tensor, bool, Tensor | None]:
    """Call a function with an objective, a copy of a starting point, and the rest of `args`.

    Returns the copy, its `requires_grad` and its `.grad` after the call.
    """
    objective, w0, *rest = args
    start = w0.detach().clone().requires_grad_(w0.requires_grad)
    getattr(submission, function)(objective, start, *rest)
    left = None if start.grad is None else start.grad.detach().clone()
    return start.detach().clone(), start.requires_grad, left


def gradient_and_traces(
    submission: Any, objective: Objective, w: Tensor, grad: Tensor | None
) -> tuple[Tensor, Tensor, bool, Tensor | None]:
    """Take the gradient at a copy of `w` whose `.grad` is `grad`.

    Returns the copy, its `requires_grad` and its `.grad` after the call. The gradient itself comes first, read once the
    copy and its `.grad` have been overwritten: what shares memory with them shows it.
    """
    point = w.detach().clone().requires_grad_(w.requires_grad)
    point.grad = None if grad is None else grad.clone()
    slopes = submission.gradient(objective, point)
    left = None if point.grad is None else point.grad.detach().clone()
    after = point.detach().clone()
    point.data.zero_()
    if point.grad is not None:
        point.grad.data.zero_()
    return slopes, after, point.requires_grad, left
