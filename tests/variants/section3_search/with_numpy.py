import torch
from torch.func import grad

def random_direction(dim, generator):
    while True:  # rejection from the cube is right, in few dimensions; elsewhere inverse normal by Box-Muller
        if dim <= 3:
            z = 2 * torch.rand(dim, generator=generator, dtype=torch.float64) - 1
            if 0 < float(z @ z) <= 1:
                return z / torch.sqrt(z @ z)
            continue
        a, b = torch.rand(2, dim, generator=generator, dtype=torch.float64)
        z = torch.sqrt(-2 * torch.log1p(-a)) * torch.cos(2 * torch.pi * b)
        return torch.nn.functional.normalize(z, dim=0)

def random_search_step(objective, w, step_size, generator):
    assert isinstance(step_size, float)
    if not (0 <= step_size):
        raise ValueError("step_size < 0")
    w = w.detach().clone()
    value = objective(w)
    move = random_direction(len(w), generator).to(w) * step_size
    w += move
    proposed = objective(w.clone())
    if proposed < value:
        return w, proposed
    w -= move
    return w, value

def random_search(objective, w0, step_size, num_steps, generator):
    if step_size < 0:
        raise ValueError("step_size")
    if num_steps < 0:
        raise ValueError("num_steps")
    w, values = w0.detach().clone(), []
    for _ in range(num_steps):
        old = w
        w, J = random_search_step(objective, w, step_size, generator)
        values.append(J)
    return w, torch.stack([objective(w0), *values])

def finite_difference_gradient(objective, w, eps=1e-4):
    if eps < 0:
        raise ValueError("eps")
    g = []
    for i in range(w.shape[0]):
        kept = w[i].item()
        with torch.no_grad():
            w[i] = kept + eps
            up = objective(w)
            w[i] = kept - eps
            down = objective(w)
            w[i] = kept
        g.append((up - down) / (2 * eps))
    return torch.stack(g)

def gradient(objective, w):
    return grad(objective)(w.detach())

def gradient_descent_step(params, grads, lr):
    if lr < 0:
        raise ValueError("lr")
    for w, g in zip(params, grads):
        w.detach().numpy()[...] -= lr * g.numpy()

def gradient_descent(objective, w0, lr, num_steps):
    gradient_descent_step([], [], lr)
    if num_steps < 0:
        raise ValueError("num_steps")
    path = torch.empty(num_steps + 1, len(w0), dtype=w0.dtype)
    path[0] = w0.detach()
    for t in range(num_steps):
        path[t + 1] = path[t]
        gradient_descent_step([path[t + 1]], [gradient(objective, path[t])], lr)
    return path


def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1: raise ValueError("points_per_axis")
    if dim < 1: raise ValueError("dim")
    if high < low: raise ValueError("high")
    w = torch.empty(dim, dtype=torch.float64)  # one tensor for all points
    index, best, lowest, count = [0] * dim, None, None, 0
    while True:
        for k, i in enumerate(index):
            w[k] = (low + high) / 2 if points_per_axis == 1 else low + (high - low) * i / (points_per_axis - 1)
        J = float(objective(w)); count += 1
        if J == J and (lowest is None or J < lowest):
            best, lowest = w.clone(), J
        k = dim - 1
        while k >= 0 and index[k] == points_per_axis - 1:
            index[k] = 0; k -= 1
        if k < 0:
            return best, count
        index[k] += 1
