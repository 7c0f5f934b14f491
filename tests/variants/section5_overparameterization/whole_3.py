"""numpy training by hand, requires_grad directions kept, detached not by me, NamedTuple, lazy errors."""
import numpy as np
import torch
from collections import OrderedDict
from torch import nn
def make_mlp(width, depth, in_dim=784, out_dim=10):
    if width < 1: raise ValueError("Width < 1")
    if depth < 0: raise ValueError("Depth < 0")
    d = OrderedDict(); n = in_dim
    for k in range(depth):
        d["fc%d" % k] = nn.Linear(n, width); d["relu%d" % k] = nn.ReLU(); n = width
    d["out"] = nn.Linear(n, out_dim)
    net = nn.Sequential(d)
    for m in net.modules():
        if isinstance(m, nn.Linear): nn.init.orthogonal_(m.weight); nn.init.constant_(m.bias, 0.01)
    return net
def count_parameters(model):
    return sum(map(torch.Tensor.numel, filter(lambda p: p.requires_grad, set(model.parameters()))))
def interpolate(state_a, state_b, alpha):
    for k in [*state_a, *state_b]:
        state_a[k], state_b[k]
    out = {}
    for k in state_a:
        a, b = state_a[k].numpy(), state_b[k].numpy()
        out[k] = torch.from_numpy(np.array((1 - alpha) * a + alpha * b if a.dtype.kind == "f" else a, dtype=a.dtype, copy=True))
    return out
def permute_hidden_units(state, order):
    weights = [k for k in state if state[k].dim() == 2]
    biases = [k for k in state if state[k].dim() == 1]
    idx = order.clone() if torch.is_tensor(order) else torch.LongTensor(order)
    m = state[biases[0]].shape[0]
    if idx.numel() != m or bool((torch.bincount(idx.clamp(min=0), minlength=m) != 1).any()) or bool((idx < 0).any()):
        raise ValueError("bad order")
    new = {k: v.detach().clone() for k, v in state.items()}
    new[weights[0]] = state[weights[0]].detach().index_select(0, idx)
    new[biases[0]] = state[biases[0]].detach().gather(0, idx)
    new[weights[1]] = state[weights[1]].detach().index_select(1, idx)
    return new
def filter_normalized_direction(params, generator):
    out = []
    for p in params:
        d = torch.empty(p.shape, dtype=p.dtype).normal_(generator=generator)
        if p.dim() == 1: d.zero_()
        else:
            d = torch.stack([row * (w.norm() / row.norm()) for row, w in zip(d, p)])
        out.append(d)
    return out
def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    views = [p.detach().numpy() for p in params]
    keep = [v.copy() for v in views]
    dx, dy = [[d.detach().numpy() for d in g] for g in (direction_x, direction_y)]
    out = np.zeros((len(ys), len(xs)))
    try:
        for (j, i), _ in np.ndenumerate(out):
            for v, k, a, b in zip(views, keep, dx, dy): v[...] = k + float(xs[i]) * a + float(ys[j]) * b
            out[j, i] = float(loss_fn())
    finally:
        for v, k in zip(views, keep): v[...] = k
    return torch.as_tensor(out).type(params[0].dtype)
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    for k, v, lo in (("width", width, 1), ("lr", lr, 0), ("num_steps", num_steps, 0)):
        if v < lo: raise ValueError(f"{k} must be >= {lo}")
    Xn, yn = X.numpy(), y.numpy(); n, d = Xn.shape; res = []
    for s in seeds:
        r = np.random.RandomState(s)
        W1, b1 = (r.randn(d, width) / np.sqrt(d)).astype(Xn.dtype), np.zeros(width, Xn.dtype)
        W2, b2 = (r.randn(width, 1) / np.sqrt(width)).astype(Xn.dtype), np.zeros(1, Xn.dtype)
        for _ in range(num_steps):
            Z = Xn @ W1 + b1; H = np.maximum(Z, 0); G = 2 / n * (H @ W2 + b2 - yn[:, None]); G = G.astype(Xn.dtype)
            D = (G @ W2.T) * (Z > 0)
            W2 -= lr * (H.T @ G); b2 -= lr * G.sum(0); W1 -= lr * (Xn.T @ D); b1 -= lr * D.sum(0)
        res.append({k: torch.from_numpy(v) for k, v in (("W1", W1.T), ("b1", b1), ("W2", W2.T), ("b2", b2))})
    return res
