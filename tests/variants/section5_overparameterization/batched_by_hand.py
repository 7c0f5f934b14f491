"""Training of all seeds at once with bmm and gradients by hand; Gaussian starts of size 1 / sqrt(fan_in); classes."""
from dataclasses import dataclass
import torch
from torch import Tensor, nn


@dataclass
class Bad(ValueError):
    name: str

    def __str__(self):
        return f"{self.name} has a value that is not allowed"


def make_mlp(width, depth, in_dim=784, out_dim=10):
    if not width > 0:
        raise Bad("width")
    if not depth > -1:
        raise Bad("depth")
    model = nn.Sequential()
    for layer in range(depth):
        model.append(nn.Linear(in_dim if layer == 0 else width, width)).append(nn.ReLU())
    return model.append(nn.Linear(width if depth else in_dim, out_dim))


def count_parameters(model):
    counted = {id(p): p.numel() * p.requires_grad for p in model.parameters()}
    return int(sum(counted.values()))


def interpolate(state_a, state_b, alpha):
    if set(state_a) != set(state_b):
        raise KeyError("names")

    def mix(a, b):
        return a.mul(1 - alpha).add(b, alpha=alpha) if a.dtype.is_floating_point else a.clone()

    return {name: mix(state_a[name], state_b[name]) for name in state_b}


def permute_hidden_units(state, order):
    values = [value.detach().clone() for value in state.values()]
    seen = [0] * len(values[1])
    for unit in order:
        unit = int(unit)
        if unit < 0 or unit >= len(seen) or seen[unit]:
            raise Bad("order")
        seen[unit] = 1
    if not all(seen):
        raise Bad("order")
    values[0] = torch.stack([values[0][unit] for unit in order])
    values[1] = torch.stack([values[1][unit] for unit in order])
    values[2] = torch.stack([values[2].T[unit] for unit in order]).T.clone()
    return dict(zip(state.keys(), values))


def filter_normalized_direction(params, generator):
    def scaled(w):
        d = torch.randn(w.shape, generator=generator, dtype=w.dtype)
        for k in range(len(w)):
            d[k] = d[k] / torch.linalg.vector_norm(d[k]) * torch.linalg.vector_norm(w[k])
        return d

    return [scaled(p.detach()) if p.ndim > 1 else torch.zeros(p.shape, dtype=p.dtype) for p in params]


class Moved:
    """The weights somewhere else, for the length of a block."""

    def __init__(self, params):
        self.params, self.home = params, [p.detach().clone() for p in params]

    def to(self, x, dx, y, dy):
        with torch.no_grad():
            for p, h, a, b in zip(self.params, self.home, dx, dy):
                p.copy_(h + x * a + y * b)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with torch.no_grad():
            for p, h in zip(self.params, self.home):
                p.copy_(h)


def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    out = torch.zeros(ys.numel(), xs.numel(), dtype=params[0].dtype)
    with Moved(params) as weights:
        for place in range(out.numel()):
            j, i = divmod(place, xs.numel())
            weights.to(xs[i], direction_x, ys[j], direction_y)
            out[j, i] = loss_fn().detach()
    return out


def train_from_seeds(width, seeds, X, y, lr, num_steps):
    for name, value, low in (("width", width, 1), ("lr", lr, 0), ("num_steps", num_steps, 0)):
        if value < low:
            raise Bad(name)
    if len(seeds) == 0:
        return []
    (n, d), K, dtype = X.shape, len(seeds), X.dtype
    draws = [torch.Generator().manual_seed(int(seed)) for seed in seeds]
    W = torch.stack([torch.randn(d, width, generator=g, dtype=dtype) for g in draws]) / d**0.5
    V = torch.stack([torch.randn(width, 1, generator=g, dtype=dtype) for g in draws]) / width**0.5
    b, c = torch.zeros(K, 1, width, dtype=dtype), torch.zeros(K, 1, 1, dtype=dtype)
    inputs, targets = X.expand(K, n, d), y.reshape(1, n, 1)
    for _ in range(num_steps):
        before = torch.baddbmm(b, inputs, W)
        units = before.clamp_min(0)
        error = 2 * (torch.bmm(units, V) + c - targets) / n
        inner = torch.bmm(error, V.transpose(1, 2)) * (before > 0)
        V = V - lr * torch.bmm(units.transpose(1, 2), error)
        c = c - lr * error.sum(1, keepdim=True)
        W = W - lr * torch.bmm(inputs.transpose(1, 2), inner)
        b = b - lr * inner.sum(1, keepdim=True)
    return [
        {"hidden": W[k].T.clone(), "hidden bias": b[k, 0].clone(), "output": V[k].T.clone(), "output bias": c[k, 0].clone()}
        for k in range(K)
    ]
