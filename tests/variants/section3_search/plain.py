import math
import numpy as np
import torch

def random_direction(dim, generator):
    seed = int(torch.randint(2**31, (1,), generator=generator))
    z = np.random.default_rng(seed).standard_normal(dim)
    return torch.from_numpy(z / np.sqrt((z * z).sum()))

def random_search_step(objective, w, step_size, generator):
    if step_size < 0:
        raise ValueError("step_size must not be negative")
    u = random_direction(w.numel(), generator)
    new = torch.empty_like(w)
    for i in range(len(w)):
        new[i] = w[i] + float(u[i]) * step_size
    J_new = objective(new)
    J_old = objective(w)
    if torch.isnan(J_new) or J_new >= J_old:
        return w, J_old
    return new, J_new

def random_search(objective, w0, step_size, num_steps, generator):
    if step_size < 0 or num_steps < 0:
        raise ValueError(f"bad step_size or num_steps")
    w = w0.clone()
    best = objective(w)
    history = torch.empty(num_steps + 1, dtype=best.dtype)
    history[0] = best
    for t in range(num_steps):
        p = w + (step_size * random_direction(len(w), generator)).to(w.dtype)
        J = objective(p)
        if J < best:
            w, best = p, J
        history[t + 1] = best
    return w, history

def finite_difference_gradient(objective, w, eps=1e-4):
    if eps <= 0:
        raise ValueError("eps must be positive")
    eye = torch.eye(len(w), dtype=w.dtype)
    plus = [objective(row) for row in w + eps * eye]
    minus = [objective(row) for row in w - eps * eye]
    return (torch.stack(plus) - torch.stack(minus)) / (2 * eps)

def gradient(objective, w):
    return torch.func.grad(objective)(w)

def gradient_descent_step(params, grads, lr):
    if lr < 0:
        raise ValueError("lr must not be negative")
    for i in range(len(params)):
        params[i].data = params[i].data - lr * grads[i]

def gradient_descent(objective, w0, lr, num_steps):
    if lr < 0:
        raise ValueError("lr")
    if num_steps < 0:
        raise ValueError("num_steps")
    w = w0.clone()
    rows = [w]
    for _ in range(num_steps):
        w = w - lr * torch.func.grad(objective)(w)
        rows.append(w)
    return torch.stack(rows)


def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1:
        raise ValueError("points_per_axis must be at least 1")
    if dim < 1:
        raise ValueError("dim must be at least 1")
    if high < low:
        raise ValueError("high must be at least low")
    values = []
    for i in range(points_per_axis):
        if points_per_axis == 1:
            values.append((low + high) / 2)
        else:
            values.append(low + i * (high - low) / (points_per_axis - 1))
    points = [[]]
    for _ in range(dim):
        points = [p + [v] for p in points for v in values]
    best = None
    evaluations = 0
    for p in points:
        w = torch.tensor(p, dtype=torch.float64)
        J = float(objective(w))
        evaluations = evaluations + 1
        if math.isnan(J):
            continue
        if best is None or J < best[0]:
            best = (J, w)
    return best[1], evaluations
