# everything is a state dict; weights walk by out=, backups by state; seeds through fork_rng, functional_call and .grad
import copy
import functools
import random
import warnings
import torch
from torch import nn
from torch.func import functional_call

warnings.filterwarnings("ignore")
Params = "list[torch.Tensor]"


def complain_if(bad, *names):
    if bad:
        raise ValueError(" / ".join(names) + " is out of range")


@functools.singledispatch
def numel(thing) -> int:
    raise TypeError(type(thing))


@numel.register
def _(thing: torch.Tensor) -> int:
    return thing.numel() if thing.requires_grad else 0


@numel.register
def _(thing: nn.Module) -> int:
    found = []
    for module in thing.modules():
        for p in module._parameters.values():
            if p is not None and not any(p is q for q in found):
                found.append(p)
    return sum(numel(torch.as_tensor(p)) if p.requires_grad else 0 for p in found)


count_parameters = numel


class Sequential(nn.Sequential):
    def __repr__(self):
        return " | ".join(map(repr, self))


def make_mlp(width, depth, in_dim=784, out_dim=10):
    complain_if(width < 1, "width")
    complain_if(depth < 0, "depth")
    if depth == 0:
        return Sequential(nn.Linear(in_dim, out_dim))
    rest = make_mlp(width, depth - 1, width, out_dim)
    return Sequential(nn.Linear(in_dim, width), nn.Threshold(0.0, 0.0), *rest)


def interpolate(state_a, state_b, alpha):
    left = copy.copy(state_b)
    new = type(state_a)()
    for key, a in state_a.items():
        b = left.pop(key)  # a KeyError if it is not there
        if torch.is_floating_point(a):
            target = torch.empty_like(a, requires_grad=False)
            torch.add(a.detach() * (1.0 - alpha), b.detach(), alpha=alpha, out=target)
        else:
            target = torch.tensor(a.tolist(), dtype=a.dtype)
        new[key] = target
    for key in left:
        raise KeyError(key)
    return new


def permute_hidden_units(state, order):
    first, _, last, _ = [name for name in state]
    prefix, suffix = first.split(".")[0], last.split(".")[0]
    width = len(state[prefix + ".weight"])
    complain_if(len(order) != width, "order")
    complain_if(any(j not in range(width) for j in torch.as_tensor(order).tolist()), "order")
    complain_if(len(torch.unique(torch.as_tensor(order))) < width, "order")
    new = copy.copy(state)
    new[prefix + ".weight"] = torch.stack([state[prefix + ".weight"][j].detach() for j in order])
    new[prefix + ".bias"] = torch.stack([state[prefix + ".bias"][j].detach() for j in order])
    new[suffix + ".weight"] = torch.cat([state[suffix + ".weight"][:, int(j), None].detach() for j in order], dim=1)
    new[suffix + ".bias"] = state[suffix + ".bias"].detach() + 0
    return new


def filter_normalized_direction(params, generator):
    # by inverse transform, with a generator of Python's own
    rng = random.Random(torch.randint(0, 2**31, (4,), generator=generator).tolist().__repr__())
    directions = []
    for w in params:
        w = w.detach()
        d = torch.tensor([rng.gauss(0, 1) for _ in range(w.numel())], dtype=w.dtype).reshape(w.shape)
        for row, weights in zip(d, w):
            row *= 0 if d.ndim == 1 else (weights.pow(2).sum() / row.pow(2).sum()) ** 0.5
        directions.append(d)
    return directions


def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    saved = {i: p.detach().clone() for i, p in enumerate(params)}
    values = []
    grid = torch.cartesian_prod(ys.double(), xs.double())

    def put(y, x):
        with torch.no_grad():
            for i, p in enumerate(params):
                p.copy_(saved[i]).add_(direction_x[i], alpha=x).add_(direction_y[i], alpha=y)

    try:
        for y, x in grid.tolist():
            put(y, x)
            with torch.inference_mode():
                values.append(loss_fn().item())
    except BaseException:
        raise
    finally:
        for i, p in enumerate(params):
            p.detach().set_(p.detach()).copy_(saved[i])
    return torch.tensor(values).to(params[0].dtype).view(len(ys), len(xs)) if params[0].dtype == torch.float32 else torch.tensor(values, dtype=params[0].dtype).reshape(len(ys), -1)


def train_from_seeds(width, seeds, X, y, lr, num_steps):
    complain_if(width < 1, "width")
    complain_if(lr < 0, "lr")
    complain_if(num_steps < 0, "num_steps")

    def run(seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            net = make_mlp(width, 1, X.shape[-1], 1).to(dtype=X.dtype)
            for m in net:
                if hasattr(m, "reset_parameters"):
                    m.reset_parameters()
        state = {k: v.detach().requires_grad_() for k, v in net.named_parameters()}
        risk = lambda s: torch.mean((functional_call(net, s, (X,)) - y.unsqueeze(-1)) ** 2)
        for _ in range(num_steps):
            risk(state).backward()
            state = {k: (v - lr * v.grad).detach().requires_grad_() for k, v in state.items()}
        return {k: v.detach() for k, v in state.items()}

    return list(map(run, seeds))


if __name__ == "__main__":
    print(make_mlp(5, 2))
