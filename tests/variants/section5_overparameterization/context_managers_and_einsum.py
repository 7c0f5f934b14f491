"""Layers from a generator, state dicts by a weighted sum, a context manager for the weights, gradients by einsum."""
from __future__ import annotations
import contextlib
import itertools
from typing import Iterable, Iterator, Optional
import torch
import torch.nn as nn

CLASSES = 10


def at_least(low, **values) -> None:
    for name, value in values.items():
        if not value >= low:
            raise ValueError(f"expected {name} >= {low}, got {value}")


def layers(sizes: Iterable[int]) -> Iterator[nn.Module]:
    sizes = list(sizes)
    for position, (m, k) in enumerate(itertools.pairwise(sizes)):
        if position:
            yield nn.ReLU()
        yield nn.Linear(m, k)


def make_mlp(width: int, depth: int, in_dim: int = 784, out_dim: int = CLASSES) -> nn.Sequential:
    at_least(1, width=width, in_dim=in_dim, out_dim=out_dim)
    at_least(0, depth=depth)
    return nn.Sequential(*layers([in_dim, *itertools.repeat(width, depth), out_dim]))


def count_parameters(model: nn.Module, *, trainable: Optional[bool] = True) -> int:
    storage = {p.data_ptr() if p.numel() else id(p): p for p in model.parameters() if trainable is None or p.requires_grad is trainable}
    return sum(p.nelement() for p in storage.values())


def interpolate(state_a, state_b, alpha):
    if state_a.keys() ^ state_b.keys():
        raise KeyError(f"only in one of the two: {sorted(state_a.keys() ^ state_b.keys())}")
    mixed = {}
    for name in state_a:
        a, b = state_a[name].detach(), state_b[name].detach()
        if not a.is_floating_point():
            mixed[name] = a.clone(memory_format=torch.contiguous_format)
            continue
        mixed[name] = torch.einsum("s,s...->...", torch.tensor([1 - alpha, alpha], dtype=a.dtype), torch.stack((a, b)))
    return mixed


def permute_hidden_units(state, order):
    (first, W), (second, b), (third, V), (last, c) = state.items()
    order = [int(j) for j in order]
    if len(order) != b.numel() or set(order) != set(range(len(b))):
        raise ValueError(f"order {order} is not a permutation of {len(b)} units")
    P = torch.zeros(len(b), len(b), dtype=W.dtype)
    P[range(len(b)), order] = 1  # row j picks unit order[j]
    W, b, V = (t.detach() for t in (W, b, V))
    return {first: torch.einsum("jk,kd->jd", P, W), second: torch.einsum("jk,k->j", P, b), third: torch.einsum("ok,jk->oj", V, P), last: c.detach().clone()}


def filter_normalized_direction(params, generator):
    def one(p):
        if p.dim() < 2:
            return torch.zeros_like(p, requires_grad=False)
        noise = torch.normal(0.0, 1.0, tuple(p.shape), generator=generator, dtype=p.dtype).flatten(1)
        noise = nn.functional.normalize(noise, p=2, dim=1)
        return (noise * p.detach().flatten(1).square().sum(1, keepdim=True).sqrt()).unflatten(1, p.shape[1:])
    return [one(p) for p in params]


@contextlib.contextmanager
def moved(params, origin, steps):
    """The weights are elsewhere inside the block."""
    try:
        for p, o, d in zip(params, origin, steps):
            p.data.copy_(o + d)
        yield
    finally:
        for p, o in zip(params, origin):
            p.data.copy_(o)


def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    origin = [p.detach().clone() for p in params]
    surface = origin[0].new_zeros(ys.numel(), xs.numel())
    for (j, b), (i, a) in itertools.product(enumerate(ys.tolist()), enumerate(xs.tolist())):
        with torch.no_grad(), moved(params, origin, [a * dx + b * dy for dx, dy in zip(direction_x, direction_y)]):
            surface[j, i] = loss_fn()
    return surface


class Net:
    """One hidden layer and one output; W is (width, inputs), v is (width,)."""

    def __init__(self, d: int, width: int, seed: int, dtype: torch.dtype) -> None:
        g = torch.Generator()
        g.manual_seed(seed)
        self.W = torch.randn(width, d, generator=g, dtype=dtype) * (2 / d) ** 0.5
        self.v = torch.randn(width, generator=g, dtype=dtype) * (1 / width) ** 0.5
        self.b, self.c = torch.zeros(width, dtype=dtype), torch.zeros((), dtype=dtype)

    def step(self, X, y, lr) -> None:
        z = torch.einsum("nd,hd->nh", X, self.W) + self.b
        delta = (torch.einsum("nh,h->n", z.relu(), self.v) + self.c - y) * 2 / len(X)
        back = torch.einsum("n,h,nh->nh", delta, self.v, (z > 0).to(X.dtype))
        self.v -= lr * torch.einsum("n,nh->h", delta, z.relu())
        self.c -= lr * delta.sum()
        self.W -= lr * torch.einsum("nh,nd->hd", back, X)
        self.b -= lr * torch.einsum("nh->h", back)

    def state(self):
        return {"hidden": self.W, "hidden bias": self.b, "out": self.v[None], "out bias": self.c[None]}


def train_from_seeds(width, seeds, X, y, lr, num_steps):
    at_least(1, width=width)
    at_least(0, lr=lr, num_steps=num_steps)
    with torch.inference_mode():
        nets = [Net(X.shape[1], width, seed, X.dtype) for seed in seeds]
        for net, _ in itertools.product(nets, range(num_steps)):
            net.step(X, y, lr)
        return [net.state() for net in nets]


print(count_parameters(make_mlp(3, 1, in_dim=4, out_dim=2)), "parameters")
