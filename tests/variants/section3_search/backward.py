import torch
from torch import func

def random_direction(dim: int, generator: torch.Generator) -> torch.Tensor:
    z = torch.empty(dim, dtype=torch.float64).normal_(generator=generator)
    z /= torch.linalg.vector_norm(z)
    return z

def random_search_step(objective, w, step_size, generator):
    if step_size < 0:
        raise ValueError(f"{step_size=}")
    candidates = [w.clone(), w + step_size * random_direction(w.shape[0], generator).type_as(w)]
    values = torch.stack([objective(c) for c in candidates])
    best = int(torch.argmin(torch.nan_to_num(values, nan=float("inf"))))
    return candidates[best], values[best]

def random_search(objective, w0, step_size, num_steps, generator):
    if num_steps < 0:
        raise ValueError(f"{num_steps=}")
    if step_size < 0:
        raise ValueError(f"{step_size=}")
    history = torch.zeros(num_steps + 1, dtype=w0.dtype)
    history[0] = objective(w0)
    w = w0
    for t in range(1, num_steps + 1):
        w, history[t] = random_search_step(objective, w, step_size, generator)
    return w, history

def finite_difference_gradient(objective, w, eps=1e-4):
    if eps < 0:
        raise ValueError(f"{eps=}")
    g = torch.zeros(len(w), dtype=w.dtype)
    for sign in (1, -1):
        for i in range(len(w)):
            v = w.clone()
            v[i] += sign * eps
            g[i] += sign * objective(v)
    return g / (2 * eps)

def gradient(objective, w):
    v = torch.nn.Parameter(w.detach().clone())
    with torch.enable_grad():
        objective(v).backward()
    return v.grad

def gradient_descent_step(params, grads, lr):
    if lr < 0:
        raise ValueError(f"{lr=}")
    with torch.no_grad():
        torch._foreach_add_(list(params), list(grads), alpha=-lr)

def gradient_descent(objective, w0, lr, num_steps):
    if lr < 0:
        raise ValueError(f"{lr=}")
    if num_steps < 0:
        raise ValueError(f"{num_steps=}")
    w = w0.detach().clone().requires_grad_()
    rows = [w.detach().clone()]
    optimizer = torch.optim.SGD([w], lr=lr)
    for _ in range(num_steps):
        optimizer.zero_grad()
        objective(w).backward()
        optimizer.step()
        rows.append(w.detach().clone())
    return torch.stack(rows)


def grid_search(objective, low, high, points_per_axis, dim):
    for name, bad in (("points_per_axis", points_per_axis < 1), ("dim", dim < 1), ("high", high < low)):
        if bad: raise ValueError(name)
    axis = torch.linspace(low, high, points_per_axis, dtype=torch.double)
    if points_per_axis == 1: axis = axis * 0 + (low + high) / 2
    points = torch.cartesian_prod(*(dim * [axis])).reshape(-1, dim)
    values = torch.stack([objective(p).double() for p in points])
    keep = ~values.isnan()
    points, values = (points[keep], values[keep]) if keep.any() else (points, values)
    return points[values.argmin()].clone(), points_per_axis ** dim
