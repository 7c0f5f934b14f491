"""Normal numbers from ndtri, a hook that catches the gradient, a dataclass as the state, rows filled in place."""
from __future__ import annotations
import dataclasses
from typing import Callable, Optional
import torch
from torch import Tensor

Objective = Callable[[Tensor], Tensor]
TINY = 2.0**-60


def not_negative(func):
    """Decorator: looks at the arguments by name."""
    import functools, inspect
    signature = inspect.signature(func)

    @functools.wraps(func)
    def inner(*args, **kwargs):
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        for name in ("step_size", "num_steps", "eps", "lr"):
            value = bound.arguments.get(name, 0)
            if not value >= 0:
                raise ValueError(f"{func.__name__}: {name} must not be negative, got {value}")
        return func(*bound.args, **bound.kwargs)

    return inner


def random_direction(dim: int, generator: torch.Generator) -> Tensor:
    if dim < 1:
        raise ValueError("dim must be at least 1")
    u = torch.rand(dim, generator=generator, dtype=torch.float64).clamp_(min=TINY)
    z = torch.special.ndtri(u)
    return z.div_(torch.einsum("i,i->", z, z).sqrt_())


@dataclasses.dataclass
class Walker:
    objective: Objective
    w: Tensor
    J: Optional[Tensor] = None

    def __post_init__(self):
        self.w = self.w.detach()
        if self.J is None:
            self.J = self.objective(self.w)

    def stride(self, step_size, generator) -> "Walker":
        there = Walker(self.objective, self.w + step_size * random_direction(self.w.numel(), generator).to(self.w.dtype))
        return there if bool(there.J < self.J) else self


@not_negative
def random_search_step(objective: Objective, w: Tensor, step_size: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    walker = Walker(objective, w).stride(step_size, generator)
    return walker.w.clone(), walker.J


@not_negative
def random_search(objective, w0, step_size, num_steps, generator):
    walker = Walker(objective, w0.clone())
    history = walker.J.detach().new_empty(num_steps + 1)
    history[0] = walker.J
    for t in range(1, num_steps + 1):
        walker = walker.stride(step_size, generator)
        history[t] = walker.J
    return walker.w, history


@not_negative
def finite_difference_gradient(objective: Objective, w: Tensor, eps: float = 1e-4) -> Tensor:
    e = torch.zeros_like(w, requires_grad=False)
    slopes = []
    with torch.no_grad():
        for i in range(w.numel()):
            e[i] = eps
            slopes.append((objective(w + e) - objective(w - e)) / (2 * eps))
            e[i] = 0.0
    return torch.stack(slopes).to(w.dtype)


def gradient(objective: Objective, w: Tensor) -> Tensor:
    caught: list[Tensor] = []
    with torch.enable_grad():
        leaf = torch.nn.Parameter(w.data.clone())
        through = leaf * 1
        through.register_hook(caught.append)
        objective(through).backward()
    return sum(caught, torch.zeros_like(leaf.data))


@not_negative
def gradient_descent_step(params: list[Tensor], grads: list[Tensor], lr: float) -> None:
    assert len(params) == len(grads), "as many gradients as weights"
    with torch.no_grad():
        for w, g in zip(params, grads):
            torch.sub(w, g, alpha=lr, out=w)


@not_negative
def gradient_descent(objective: Objective, w0: Tensor, lr: float, num_steps: int) -> Tensor:
    rows = w0.detach().expand(num_steps + 1, -1).clone()
    for here, there in zip(rows[:-1], rows[1:]):
        there.copy_(here)
        gradient_descent_step([there], [gradient(objective, here)], lr)
    return rows


print("a direction:", random_direction(3, torch.Generator().manual_seed(1)))


@dataclasses.dataclass
class Best:
    w: Optional[Tensor] = None
    J: float = float("nan")
    count: int = 0

    def see(self, w: Tensor, J: float) -> None:
        self.count += 1
        if self.w is None or (J == J and not J >= self.J):
            self.w, self.J = w, J


def grid_search(objective: Objective, low: float, high: float, points_per_axis: int, dim: int) -> tuple[Tensor, int]:
    if not points_per_axis >= 1:
        raise ValueError("points_per_axis must be at least 1")
    if not dim >= 1:
        raise ValueError("dim must be at least 1")
    if not low <= high:
        raise ValueError("low must not be above high")
    best, gap = Best(), (high - low) / max(points_per_axis - 1, 1)
    for number in range(points_per_axis**dim):
        digits = []
        for _ in range(dim):
            number, digit = divmod(number, points_per_axis)
            digits.insert(0, digit)
        w = torch.tensor([low + gap * d if points_per_axis > 1 else low + gap / 2 for d in digits], dtype=torch.float64)
        best.see(w, float(objective(w.clone())))
    return best.w, best.count
