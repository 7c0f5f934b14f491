# WHOLE B: torch.optim, generators, Box-Muller
import itertools, math, typing, collections
import torch

class Step(typing.NamedTuple):
    w: torch.Tensor
    J: torch.Tensor

def normals(generator):
    while True:
        u, v = (1 - torch.rand(2, generator=generator, dtype=torch.float64)).tolist()
        r = math.sqrt(-2 * math.log(u))
        yield r * math.cos(2 * math.pi * v)
        yield r * math.sin(2 * math.pi * v)

def random_direction(dim, generator=None, *, dtype=torch.float64):
    z = list(itertools.islice(normals(generator), dim))
    n = math.hypot(*z)
    return torch.tensor([a / n for a in z], dtype=dtype)

def random_search_step(objective, w, step_size, generator):
    if step_size < 0:
        raise ValueError("step_size must not be negative")
    here = Step(w.clone(), objective(w))
    u = random_direction(len(w), generator)
    p = (w.double() + step_size * u).to(w.dtype)
    there = Step(p, objective(p))
    return min(here, there, key=lambda s: math.inf if math.isnan(s.J) else float(s.J))

def walk(objective, w, step_size, num_steps, generator):
    J = objective(w)
    yield w, J
    for _ in range(num_steps):
        p = w + random_direction(len(w), generator).to(w.dtype).mul_(step_size)
        Jp = objective(p)
        if Jp.item() < J.item():
            w, J = p, Jp
        yield w, J

def random_search(objective, w0, step_size, num_steps, generator):
    if step_size < 0 or num_steps < 0:
        raise ValueError("step_size and num_steps must be >= 0")
    path = list(walk(objective, w0, step_size, num_steps, generator))
    return path[-1][0], torch.tensor([j.item() for _, j in path], dtype=w0.dtype)

def finite_difference_gradient(objective, w, eps=1e-4):
    if eps <= 0:
        raise ValueError("eps must be positive")
    g = torch.zeros_like(w)
    probe = w.detach().clone()
    for i, x in enumerate(w.tolist()):
        ends = []
        for s in (+1, -1):
            probe[i] = x + s * eps
            ends.append(objective(probe))
        probe[i] = w[i]
        g[i] = (ends[0] - ends[1]) / (2 * eps)
    return g

def gradient(objective, w):
    with torch.enable_grad():
        v = torch.nn.Parameter(w.detach().clone())
        objective(v).backward()
    return v.grad

def gradient_descent_step(params, grads, lr):
    if lr < 0:
        raise ValueError("lr: " + str(lr))
    leaves = [torch.nn.Parameter(p.detach().clone()) for p in params]
    for l, g in zip(leaves, grads):
        l.grad = g.clone()
    torch.optim.SGD(leaves, lr=lr).step()
    for p, l in zip(params, leaves):
        p.data.copy_(l.data)

def gradient_descent(objective, w0, lr, num_steps):
    if num_steps < 0:
        raise ValueError("num_steps < 0")
    if lr < 0:
        raise ValueError("lr < 0")
    v = w0.detach().clone().requires_grad_(True)
    opt = torch.optim.SGD([v], lr=lr)
    rows = [v.detach().clone()]
    for _ in range(num_steps):
        opt.zero_grad(set_to_none=False)
        objective(v).backward()
        opt.step()
        rows.append(v.detach().clone())
    return torch.vstack(rows)


def grid_search(objective, low, high, points_per_axis, dim, *, log=None):
    if points_per_axis < 1: raise ValueError("points_per_axis")
    if dim < 1: raise ValueError("dim")
    if high < low: raise ValueError("high is below low")
    half = (high - low) / 2
    axis = [low + half] if points_per_axis == 1 else [low + 2 * half * (i / (points_per_axis - 1)) for i in range(points_per_axis)]
    count = itertools.count()
    steps = (Step(torch.tensor(c, dtype=torch.float64), None) for c in itertools.product(axis, repeat=dim))
    seen = [(next(count), s.w, float(objective(s.w))) for s in steps]
    finite = sorted((J, k) for k, _, J in seen if not math.isnan(J))
    return seen[finite[0][1]][1], next(count)
