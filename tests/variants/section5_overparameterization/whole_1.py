"""functional, OrderedDict, add_module, numpy, kaiming, batched training by vmap."""
import math
from collections import OrderedDict
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
def make_mlp(width, depth, in_dim=784, out_dim=10):
    if width <= 0: raise ValueError("the width is too small")
    if depth < 0: raise ValueError("bad depth")
    sizes = [in_dim] + depth * [width] + [out_dim]
    net = nn.Sequential()
    for i in range(depth + 1):
        lin = nn.Linear(sizes[i], sizes[i + 1])
        nn.init.kaiming_normal_(lin.weight, nonlinearity="relu"); nn.init.zeros_(lin.bias)
        net.add_module(f"linear{i}", lin)
        if i < depth: net.add_module(f"act{i}", nn.ReLU(inplace=True))
    return net
def count_parameters(model):
    seen, n = set(), 0
    for name, p in model.named_parameters(remove_duplicate=False):
        if id(p) in seen or not p.requires_grad: continue
        seen.add(id(p)); n += math.prod(p.shape)
    return n
def interpolate(state_a, state_b, alpha):
    if sorted(state_a) != sorted(state_b): raise KeyError("names differ")
    out = OrderedDict()
    for k, v in state_a.items():
        out[k] = torch.lerp(v, state_b[k], alpha) if torch.is_floating_point(v) else v.detach().clone()
    return out
def permute_hidden_units(state, order):
    order = np.asarray(order, dtype=np.int64)
    m = list(state.values())[1].shape[0]
    if order.shape != (m,) or not np.array_equal(np.sort(order), np.arange(m)): raise ValueError("order: not a permutation")
    out = OrderedDict()
    for i, (k, v) in enumerate(state.items()):
        a = v.detach().numpy()
        out[k] = torch.from_numpy((a[order] if i < 2 else np.take(a, order, axis=1) if i == 2 else a).copy())
    return out
def filter_normalized_direction(params, generator):
    rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    out = []
    for p in params:
        w = p.detach().numpy().astype(np.float64)
        if w.ndim < 2: out.append(torch.zeros(p.shape, dtype=p.dtype)); continue
        d = rng.standard_normal(w.shape)
        for i in range(len(d)): d[i] *= np.linalg.norm(w[i]) / np.linalg.norm(d[i])
        out.append(torch.from_numpy(d).to(p.dtype))
    return out
def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    old = [p.detach().clone() for p in params]
    def at(x, y):
        for p, o, a, b in zip(params, old, direction_x, direction_y): p.data = o + x * a + y * b
        return loss_fn().item()
    try:
        return torch.tensor([[at(x, y) for x in xs.tolist()] for y in ys.tolist()], dtype=params[0].dtype)
    finally:
        for p, o in zip(params, old): p.data = o
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    if width < 1 or lr < 0 or num_steps < 0: raise ValueError("width, lr or num_steps")
    keep = torch.get_rng_state(); ws = []
    for s in seeds:
        torch.manual_seed(s); ws.append([p.detach().to(X.dtype) for p in make_mlp(width, 1, X.shape[1], 1).parameters()])
    torch.set_rng_state(keep)
    if not ws: return []
    P = tuple(torch.stack(g) for g in zip(*ws))
    def loss(p):
        return F.mse_loss(F.linear(torch.relu(F.linear(X, p[0], p[1])), p[2], p[3])[:, 0], y)
    for _ in range(num_steps):
        G = torch.func.vmap(torch.func.grad(loss))(P)
        P = tuple(p - lr * g for p, g in zip(P, G))
    return [{str(i): p[k].clone() for i, p in enumerate(P)} for k in range(len(seeds))]
