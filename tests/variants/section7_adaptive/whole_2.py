"""torch.optim classes with injected state."""
import math
import torch
def _ge0(**k):
    for n, v in k.items():
        if not (0 <= v): raise ValueError(n + " negative")
def _unit(**k):
    for n, v in k.items():
        if not (0 <= v < 1): raise ValueError(n + " not in [0,1)")
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    _ge0(lr=lr)
    try:
        assert math.isfinite(loss); assert loss < previous_loss
    except AssertionError: return lr * shrink
    return lr * grow
def inverse_time_decay(lr0, step, decay):
    return (torch.tensor(lr0, dtype=torch.float64) / torch.tensor(1 + decay * step, dtype=torch.float64)).item()
def classify_learning_rate(losses, min_drop=0.1):
    first, last = losses[0], losses[-1]
    match (not all(map(math.isfinite, losses)) or not last < first, last > first - abs(first) * min_drop):
        case (True, _): return "too high"
        case (_, True): return "too low"
        case _: return "good"
def _run(cls, params, grads, states, **kw):
    leaves = [torch.nn.Parameter(p.detach()) for p in params]
    opt = cls(leaves, **kw)
    for leaf, g, st in zip(leaves, grads, states):
        leaf.grad = g.clone(); opt.state[leaf].clear(); opt.state[leaf].update(st)
    opt.step()
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    _ge0(lr=lr, eps=eps)
    _run(torch.optim.Adagrad, params, grads, [{"step": torch.tensor(0.0), "sum": s} for s in square_sums], lr=lr, eps=eps, lr_decay=0, weight_decay=0, initial_accumulator_value=0)
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    _ge0(lr=lr, eps=eps); _unit(alpha=alpha)
    _run(torch.optim.RMSprop, params, grads, [{"step": torch.tensor(0.0), "square_avg": s} for s in square_averages], lr=lr, eps=eps, alpha=alpha)
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if step <= 0: raise ValueError("step")
    _ge0(lr=lr, eps=eps); _unit(beta1=beta1, beta2=beta2)
    _run(torch.optim.Adam, params, grads, [{"step": torch.tensor(step - 1.0), "exp_avg": m, "exp_avg_sq": v} for m, v in zip(first_moments, second_moments)], lr=lr, betas=(beta1, beta2), eps=eps)
