# WHOLE C: p.data =, accumulate, w0 with graph
from functools import reduce, partial
from itertools import accumulate, repeat
import numpy as np
import torch

def random_direction(dim: int, generator: torch.Generator) -> torch.Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(torch.empty((), dtype=torch.int64).random_(generator=generator).item())
        g = torch.distributions.Normal(torch.tensor(0.0, dtype=torch.float64), 1.0).sample((dim,))
    return torch.nn.functional.normalize(g, dim=0)

def random_search_step(objective, w, step_size, generator):
    if step_size < 0:
        raise ValueError("negative step_size")
    w_new = torch.add(w, random_direction(w.shape[0], generator).type_as(w), alpha=step_size)
    J, J_new = objective(w), objective(w_new)
    better = J_new < J
    return torch.where(better, w_new, w), torch.where(better, J_new, J)

def random_search(objective, w0, step_size, num_steps, generator):
    if step_size < 0:
        raise ValueError("negative step_size")
    if num_steps < 0:
        raise ValueError("negative num_steps")
    if num_steps == 0:
        return w0.clone(), objective(w0).reshape(1)
    state, values = w0, []
    for _ in range(num_steps):
        before = []
        def spy(w, objective=objective):
            v = objective(w)
            before.append(v)
            return v
        state, J = random_search_step(spy, state, step_size, generator)
        if not values:
            values.append(before[0])
        values.append(J)
    return state, torch.stack(values)

def finite_difference_gradient(objective, w, eps=1e-4):
    if eps < 0:
        raise ValueError("eps")
    def one(e):
        return (objective(w + e) - objective(w - e)) / eps / 2
    return torch.stack([*map(one, eps * torch.eye(len(w)).to(w))])

def gradient(objective, w):
    return torch.autograd.functional.vjp(objective, w.detach())[1]

def gradient_descent_step(params, grads, lr):
    if lr < 0:
        raise ValueError("lr")
    for p, g in zip(params, grads):
        p.data = p.data - lr * g

def gradient_descent(objective, w0, lr, num_steps):
    for name, value in (("lr", lr), ("num_steps", num_steps)):
        if value < 0:
            raise ValueError(f"{name} must be >= 0")
    step = lambda w, _: w - lr * torch.func.grad(objective)(w)
    return torch.stack(list(accumulate(repeat(None, num_steps), step, initial=w0.clone())))


def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1: raise ValueError("points_per_axis too small")
    if dim < 1: raise ValueError("dim too small")
    if high < low: raise ValueError("high too small")
    t = torch.arange(points_per_axis, dtype=torch.float64) / max(points_per_axis - 1, 1) if points_per_axis > 1 else torch.tensor([0.5], dtype=torch.float64)
    axis = torch.lerp(torch.tensor(float(low), dtype=torch.float64), torch.tensor(float(high), dtype=torch.float64), t)
    grid = torch.stack(torch.meshgrid(*repeat(axis, dim), indexing="ij"), -1).flatten(0, -2)
    def better(a, b):
        return b if bool(torch.isnan(a[0])) or bool(b[0] < a[0]) else a
    J, w = reduce(better, ((objective(w), w) for w in grid))
    return w.clone(), grid.shape[0]
