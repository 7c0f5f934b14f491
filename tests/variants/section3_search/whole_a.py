# WHOLE A
from __future__ import annotations
import math
import numpy as np
import torch
from torch import Tensor

def _check(**named):
    for k, v in named.items():
        if not v >= 0:
            raise ValueError(f"{k} = {v} is negative")

def random_direction(dim, generator):
    seed = int(torch.randint(0, 2**62, (1,), generator=generator))
    v = np.random.default_rng(seed).standard_normal(dim)
    return torch.from_numpy(v / np.linalg.norm(v))

@torch.inference_mode()
def random_search_step(objective, w, step_size, generator):
    _check(step_size=step_size)
    candidates = [w, w + step_size * random_direction(w.numel(), generator).to(w)]
    values = [objective(c) for c in candidates]
    best = 1 if values[1] < values[0] else 0
    return candidates[best], values[best]

def random_search(objective, w0, step_size, num_steps, generator):
    _check(step_size=step_size, num_steps=num_steps)
    w = w0.detach().clone()
    history = [objective(w)]
    for _ in range(num_steps):
        w, J = random_search_step(objective, w, step_size, generator)
        history.append(J)
    return w, torch.stack(history)

def finite_difference_gradient(objective, w, eps=1e-4):
    _check(eps=eps)
    basis = torch.eye(w.numel(), dtype=w.dtype) * eps
    plus = torch.stack([objective(p) for p in w + basis])
    minus = torch.stack([objective(p) for p in w - basis])
    return (plus - minus) / (2 * eps)

def gradient(objective, w):
    return torch.func.jacfwd(objective)(w.detach())

def gradient_descent_step(params, grads, lr):
    _check(lr=lr)
    with torch.no_grad():
        torch._foreach_add_(params, grads, alpha=-lr)

def gradient_descent(objective, w0, lr, num_steps):
    _check(lr=lr, num_steps=num_steps)
    out = torch.empty(num_steps + 1, w0.numel(), dtype=w0.dtype)
    out[0] = w0.detach()
    for t in range(num_steps):
        out[t + 1] = out[t]
        gradient_descent_step([out[t + 1]], [gradient(objective, out[t])], lr)
    return out


def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1 or dim < 1 or high < low:
        raise ValueError(f"points_per_axis={points_per_axis}, dim={dim}, low={low}, high={high}")
    axis = np.array([(low + high) / 2]) if points_per_axis == 1 else np.linspace(low, high, points_per_axis)
    grid = torch.from_numpy(np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), axis=-1).reshape(-1, dim))
    heights = np.array([objective(w).item() for w in grid])
    ok = np.flatnonzero(~np.isnan(heights))
    return grid[int(ok[np.argmin(heights[ok])])].clone(), len(heights)
