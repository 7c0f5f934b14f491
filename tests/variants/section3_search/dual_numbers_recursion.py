# forward mode, star-args, recursion, results by generator expressions; spherical coordinates for the direction
import math
import sys
from collections import deque
from itertools import islice
import torch
import torch.autograd.forward_ad as fwd


class Negative(ValueError):
    def __init__(self, name): super().__init__(name + " < 0")


def _refuse_negative(**kw):
    bad = sorted(k for k in kw if kw[k] < 0)
    if bad: raise Negative(", ".join(bad))


def _sign(generator):
    return 1 - 2 * torch.randint(0, 2, (), generator=generator).item()


def random_direction(dim, generator):
    # squared normal numbers as 2 * Exp * cos^2, by Box and Muller; the signs come apart
    u, a = torch.rand(2, dim, generator=generator, dtype=torch.float64).unbind()
    squares = -2 * torch.log1p(-u) * torch.cos(2 * math.pi * a) ** 2
    signs = torch.randint(2, (dim,), generator=generator, dtype=torch.float64).mul(2).sub(1)
    u = signs * torch.sqrt(squares / squares.sum())
    return u / torch.linalg.norm(u)


def random_search_step(*args, **kwargs):
    def f(objective, w, step_size, generator):
        _refuse_negative(step_size=step_size)
        points = w.detach().clone(), w.detach() + torch.as_tensor(step_size * random_direction(len(w), generator), dtype=w.dtype)
        now, then = (objective(p.clone()) for p in points)
        if then.item() < now.item():
            return points[1], then
        else:
            return points[0], now
    return f(*args, **kwargs)


def random_search(objective, w0, step_size, num_steps, generator):
    _refuse_negative(step_size=step_size, num_steps=num_steps)
    cache = {}

    def remembered(w):
        key = tuple(w.tolist())
        if key not in cache:
            cache.clear() if len(cache) > 8 else None
            cache[key] = objective(w)
        return cache[key]

    history, w = [remembered(w0)], w0.clone()
    while len(history) <= num_steps:
        w, J = random_search_step(remembered, w, step_size, generator)
        history.append(J)
    return w, torch.tensor([float(h) for h in history], dtype=history[0].dtype)


def finite_difference_gradient(objective, w, eps=1e-4):
    _refuse_negative(eps=eps)
    if eps == 0:
        raise ValueError("eps is 0")

    def nudged(i, by):
        values = w.detach().clone()
        values[i] += by
        return objective(values)

    out = torch.full_like(w.detach(), math.nan)
    for i in range(w.shape[0]):
        out[i] = (nudged(i, eps) - nudged(i, -eps)).div(2 * eps)
    return out


def gradient(objective, w):
    def slope(direction):
        with fwd.dual_level():
            primal, tangent = fwd.unpack_dual(objective(fwd.make_dual(w.detach(), direction)))
            return torch.zeros_like(primal) if tangent is None else tangent.clone()
    with torch.no_grad():
        return torch.stack([slope(e) for e in torch.eye(w.numel(), dtype=w.dtype)])


def gradient_descent_step(params, grads, lr):
    _refuse_negative(lr=lr)
    if not params:
        return
    w, g, *_ = params[0].data, grads[0].data
    w[...] = torch.lerp(w, w - g, lr) if lr <= 1 else w - lr * g
    gradient_descent_step(params[1:], grads[1:], lr)


def points(objective, w, lr):
    while True:
        yield w.clone()
        g = gradient(objective, w)
        gradient_descent_step([w], [g], lr)


def gradient_descent(objective, w0, lr, num_steps):
    _refuse_negative(lr=lr, num_steps=num_steps)
    start = w0.detach().clone()
    return torch.vstack(list(islice(points(objective, start, lr), num_steps + 1)))


def grid_search(objective, low, high, points_per_axis, dim):
    if points_per_axis < 1 or dim < 1: raise ValueError("points_per_axis and dim must be at least 1")
    if high < low: raise ValueError("high < low")
    calls = 0
    def go(prefix):
        nonlocal calls
        if len(prefix) == dim:
            calls += 1
            w = torch.tensor(prefix, dtype=torch.float64)
            yield objective(w).item(), w
            return
        for i in range(points_per_axis):
            t = i / (points_per_axis - 1) if points_per_axis > 1 else 0.5
            yield from go([*prefix, (1 - t) * low + t * high])
    rank = lambda pair: (math.isnan(pair[0]), 0.0 if math.isnan(pair[0]) else pair[0])
    best = min(go([]), key=rank)  # min keeps the first of equals
    return best[1], calls


def main(argv=None):
    gradient_descent(lambda w: (w * w).sum(), torch.ones(2), 0.1, 3)
    random_search(lambda w: (w * w).sum(), torch.ones(2), 0.1, 3, torch.Generator())


if __name__ == "__main__":
    sys.exit(main())
