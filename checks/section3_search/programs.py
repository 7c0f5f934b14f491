"""Programs of section 3: many draws in one call, the state after a call, and what a search costs."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Objective = Callable[[Tensor], Tensor]
_STEPS_AT_ONCE = 50


def draw_directions(submission: Any, dim: int, count: int, generator: torch.Generator) -> Tensor:
    """Draw `count` directions from the same generator: (count, dim)."""
    return torch.stack([submission.random_direction(dim, generator) for _ in range(count)])


def repeat_search_step(
    submission: Any, objective: Objective, w: Tensor, step_size: float, count: int, generator: torch.Generator
) -> None:
    """Make `count` search steps from the same point with the same generator; the objective records the points."""
    for _ in range(count):
        submission.random_search_step(objective, w.clone(), step_size, generator)


def gradient_at_moving_point(submission: Any, objective: Objective, points: Tensor) -> list[Tensor]:
    """Compute the gradient at the same tensor, which moves in place to each row of `points`."""
    w = points[0].clone()
    found = []
    for point in points:
        w.data.copy_(point)
        slopes = submission.gradient(objective, w)
        found.append(slopes.detach().clone() if isinstance(slopes, Tensor) else slopes)
    return found


def start_after(submission: Any, function: str, objective: Objective, w: Tensor, *rest: Any) -> Tensor:
    """The starting point after a call, for the diagnosis."""
    start = w.clone()
    getattr(submission, function)(objective, start, *rest)
    return start.detach().clone()


def planted_grad(w: Tensor, secret: int) -> Tensor:
    """A gradient for `w.grad` that a submission cannot guess."""
    return torch.randn(w.shape, generator=torch.Generator().manual_seed(secret), dtype=w.dtype)


def gradient_beside_planted_grad(
    submission: Any, objective: Objective, w: Tensor, secret: int
) -> tuple[Tensor, Tensor | None]:
    """Compute the gradient at a copy of `w` whose `.grad` holds a secret. Return the gradient, and `.grad` after the
    call.

    The copy and its `.grad` are overwritten before the gradient is returned, so that shared memory shows.
    """
    point = w.detach().clone().requires_grad_(w.requires_grad)
    point.grad = planted_grad(w, secret)
    slopes = submission.gradient(objective, point)
    left = None if point.grad is None else point.grad.detach().clone()
    for tensor in (point, point.grad):
        if tensor is not None:
            tensor.data.fill_(7)
    return slopes, left


def path_of_search(
    submission: Any, objective: Objective, start: Tensor, step_size: float, num_steps: int, generator: torch.Generator
) -> Tensor:
    """The points (num_steps + 1, d) of `num_steps` consecutive search steps."""
    w, path = start.clone(), [start.clone()]
    for _ in range(num_steps):
        w, _ = submission.random_search_step(objective, w, step_size, generator)
        path.append(w.detach().clone())
    return torch.stack(path)


def evaluations_of_grid(
    submission: Any, dims: list[int], runs: int, target: float, limit: int, generator: torch.Generator
) -> Tensor:
    """Evaluations of `|w - m|^2` on the coarsest grid over [-1, 1] with a value of at most `target`, for random `m` of length 1.

    Shape (dims, runs). An entry above `limit` means that no grid of so few points is fine enough.
    """
    found = torch.full((len(dims), runs), limit + 1.0, dtype=torch.float64)
    for row, dim in enumerate(dims):
        for run in range(runs):
            minimum = torch.randn(dim, generator=generator, dtype=torch.float64)
            minimum /= minimum.norm()
            points = 2
            while points**dim <= limit:
                best, _ = submission.grid_search(lambda w, m=minimum: (w - m) @ (w - m), -1.0, 1.0, points, dim)
                if float((best - minimum) @ (best - minimum)) <= target:
                    found[row, run] = float(points**dim)
                    break
                points += 1
    return found


def slopes_for_each_eps(submission: Any, objective: Objective, w: Tensor, distances: list[float]) -> Tensor:
    """Finite differences at `w` for each of the distances: (distances, d)."""
    return torch.stack([submission.finite_difference_gradient(objective, w.clone(), eps) for eps in distances])


def evaluations_of_search(
    submission: Any, dims: list[int], runs: int, step_size: float, target: float, limit: int, generator: torch.Generator
) -> Tensor:
    """Evaluations of `|w|^2` until random search finds a value of at most `target`, from a point at distance 1.

    Shape (dims, runs). An entry above `limit` means: not found; then the other runs of that dimension are skipped.
    """
    found = torch.full((len(dims), runs), limit + 1.0, dtype=torch.float64)
    for row, dim in enumerate(dims):
        for run in range(runs):
            found[row, run] = _evaluations(submission, dim, step_size, target, limit, generator)
            if found[row, run] > limit:
                break
    return found


def _evaluations(
    submission: Any, dim: int, step_size: float, target: float, limit: int, generator: torch.Generator
) -> float:
    calls, hit = 0, 0

    def height(w: Tensor) -> Tensor:
        nonlocal calls, hit
        value = w @ w
        calls += 1
        hit = hit or (calls if float(value) <= target else 0)
        return value

    w = torch.full((dim,), dim**-0.5, dtype=torch.float64)
    while not hit and calls < limit:
        before = calls
        w, _ = submission.random_search(height, w, step_size, _STEPS_AT_ONCE, generator)
        if calls == before:  # it evaluates nothing
            break
    return float(hit if 0 < hit <= limit else limit + 1)


def steps_of_descent(submission: Any, dims: list[int], step_size: float, target: float, limit: int) -> Tensor:
    """Number of steps of length `step_size` along the gradient of `|w|^2` until it is at most `target`; above `limit`
    if never."""
    found = []
    for dim in dims:
        w, steps = torch.full((dim,), dim**-0.5, dtype=torch.float64), 0
        while float(w @ w) > target and steps <= limit:
            lr = step_size / float(2 * w.norm())
            w, steps = submission.gradient_descent(_bowl, w, lr, 1)[-1], steps + 1
        found.append(float(steps))
    return torch.tensor(found, dtype=torch.float64)


def _bowl(w: Tensor) -> Tensor:
    return w @ w
