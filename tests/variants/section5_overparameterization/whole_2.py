"""recursion, torch.optim.SGD, copy.deepcopy, parameters_to_vector, generator-based init, numpy float."""
import copy
import torch
from torch import nn
class MLP(nn.Sequential): pass
def _block(a, b): return nn.Sequential(nn.Linear(a, b), nn.ReLU())
def make_mlp(width, depth, in_dim=784, out_dim=10):
    assert_ok(width=width, depth=depth)
    parts = [nn.Flatten()]
    while len(parts) <= depth:
        parts.append(_block(in_dim, width)); in_dim = width
    return MLP(*parts, nn.Linear(in_dim, out_dim))
def assert_ok(**kw):
    low = {"width": 1}
    for k, v in kw.items():
        if v < low.get(k, 0): raise ValueError(f"{k}={v}")
def count_parameters(model):
    return int(sum({p: torch.numel(p) for p in model.parameters() if p.requires_grad}.values()))
def interpolate(state_a, state_b, alpha):
    missing = set(state_a).symmetric_difference(state_b)
    if missing: raise KeyError(*missing)
    new = copy.deepcopy(dict(state_a))
    for name, value in new.items():
        if value.dtype.is_floating_point: value.add_(state_b[name] - value, alpha=alpha)
    return new
def permute_hidden_units(state, order):
    new = copy.deepcopy(dict(state))
    names = [n for n in state]
    width = state[names[0]].shape[0]
    order = list(map(int, order))
    for unit in range(width):
        if order.count(unit) != 1: raise ValueError("order lacks or repeats a unit")
    if len(order) > width: raise ValueError("order is too long")
    for j, k in enumerate(order):
        new[names[0]][j] = state[names[0]][k]; new[names[1]][j] = state[names[1]][k]; new[names[2]][:, j] = state[names[2]][:, k]
    return new
def filter_normalized_direction(params, generator):
    flat = torch.randn(sum(p.numel() for p in params), generator=generator, dtype=torch.float64)
    out = []
    for p, d in zip(params, flat.split([p.numel() for p in params])):
        d = d.view(p.shape).to(p.dtype)
        if p.ndim <= 1: out.append(d * 0); continue
        dims = tuple(range(1, p.ndim))
        n = torch.linalg.vector_norm(p.data, dim=dims, keepdim=True)
        out.append(n * d / (torch.linalg.vector_norm(d, dim=dims, keepdim=True) + 1e-10))
    return out
@torch.no_grad()
def loss_surface(loss_fn, params, direction_x, direction_y, xs, ys):
    from torch.nn.utils import parameters_to_vector as vec
    backup = copy.deepcopy([p.detach() for p in params])
    rows = []
    try:
        for y in ys:
            base = torch._foreach_add(backup, torch._foreach_mul(direction_y, float(y)))
            row = []
            for x in xs:
                torch._foreach_copy_(params, torch._foreach_add(base, direction_x, alpha=float(x)))
                row.append(loss_fn())
            rows.append(torch.stack(row))
    finally:
        for p, b in zip(params, backup): p.copy_(b)
    return torch.stack(rows)
def train_from_seeds(width, seeds, X, y, lr, num_steps):
    assert_ok(width=width, lr=lr, num_steps=num_steps)
    out = []
    before = torch.random.get_rng_state()
    try:
        for seed in seeds:
            g = torch.Generator().manual_seed(seed)
            model = make_mlp(width, 1, X.size(1), 1).to(X)
            for p in model.parameters():
                if p.ndim == 2: nn.init.xavier_normal_(p, generator=g)
                else: nn.init.zeros_(p)
            opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.0, dampening=0, weight_decay=0, nesterov=False)
            crit = nn.MSELoss()
            for _ in range(num_steps):
                opt.zero_grad(); crit(model(X).squeeze(-1), y).backward(); opt.step()
            out.append(model.state_dict())
    finally:
        torch.random.set_rng_state(before)
    return out
