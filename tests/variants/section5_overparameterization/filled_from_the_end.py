"""Lists filled from their end, so that the last tensor is drawn first."""

import numpy as np
import torch
from torch import nn, Tensor
import torch.nn.functional as F


def make_mlp(width, depth, in_dim=784, out_dim=10):
    if width < 1:
        raise ValueError("width")
    if depth < 0:
        raise ValueError("depth")
    dims = [in_dim] + [width] * depth + [out_dim]
    layers = []
    for a, b in zip(dims, dims[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def count_parameters(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def interpolate(state_a, state_b, alpha):
    if set(state_a) != set(state_b):
        raise KeyError("different names")
    out = {}
    for k, a in state_a.items():
        a = a.detach()
        out[k] = (1 - alpha) * a + alpha * state_b[k].detach() if a.is_floating_point() else a.clone()
    return out


def permute_hidden_units(state, order):
    width = min(len(v) for v in list(state.values())[:2])
    order = order.tolist() if isinstance(order, torch.Tensor) else list(order)
    if sorted(order) != [*range(width)]:
        raise ValueError(f"order={order}")
    hard = {"0.weight": 0, "0.bias": 0, "2.weight": 1}
    out = {}
    for name, value in state.items():
        value = value.detach().clone()
        if name in hard:
            value = value.movedim(hard[name], 0)
            value = torch.stack([value[j] for j in order]).movedim(0, hard[name]).contiguous()
        out[name] = value
    return out


def filter_normalized_direction(params, generator):
    """Fills a list from its end."""
    out = [None] * len(params)
    for k in range(len(params) - 1, -1, -1):
        p = params[k].detach()
        if p.dim() < 2:
            out[k] = torch.zeros_like(p)
        else:
            d = torch.randn(p.shape, generator=generator, dtype=p.dtype)
            scale = p.flatten(1).norm(dim=1) / d.flatten(1).norm(dim=1)
            out[k] = d * scale.reshape(-1, *[1] * (p.dim() - 1))
    return out


def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    saved = [p.detach().clone() for p in params]
    Z = torch.zeros(len(ys), len(xs), dtype=params[0].dtype)
    try:
        with torch.no_grad():
            for j, b in enumerate(ys.tolist()):
                for i, a in enumerate(xs.tolist()):
                    for p, s, dx, dy in zip(params, saved, direction_x, direction_y):
                        p.copy_(s + a * dx + b * dy)
                    Z[j, i] = loss_fn()
    finally:
        with torch.no_grad():
            for p, s in zip(params, saved):
                p.copy_(s)
    return Z


def train_from_seeds(width, seeds, X, y, lr, num_steps):
    if width < 1:
        raise ValueError("width")
    if lr < 0:
        raise ValueError("lr")
    if num_steps < 0:
        raise ValueError("num_steps")
    out = []
    with torch.random.fork_rng():
        for seed in seeds:
            torch.manual_seed(seed)
            net = nn.Sequential(nn.Linear(X.shape[1], width), nn.ReLU(), nn.Linear(width, 1)).to(X.dtype)
            for _ in range(num_steps):
                net.zero_grad()
                F.mse_loss(net(X).flatten(), y).backward()
                with torch.no_grad():
                    for p in net.parameters():
                        p -= lr * p.grad
            out.append(dict(net.named_parameters()))
    return out
