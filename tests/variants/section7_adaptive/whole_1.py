"""dataclass state, foreach ops, Decimal-free functional style."""
import math
from dataclasses import dataclass
from functools import partial, reduce
import operator
import numpy as np
import torch
@dataclass
class Slot:
    w: torch.Tensor; g: torch.Tensor; s: torch.Tensor
def need(ok, name):
    if not ok: raise ValueError(f"`{name}` is not allowed")
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    need(lr >= 0, "lr")
    return float(lr * np.where(np.isfinite(loss) & (np.float64(loss) < previous_loss), grow, shrink))
def inverse_time_decay(lr0, step, decay):
    return math.exp(math.log(lr0) - math.log1p(decay * step))
def diagnose_learning_rates(curves, tolerance=0.1):
    need(tolerance >= 0, "tolerance"); need(all(len(v) for v in curves.values()), "curves")
    if not curves: return {}
    lrs = np.array(list(curves)); first = np.array([float(v[0]) for v in curves.values()]); last = np.array([float(v[-1]) for v in curves.values()])
    ok = np.array([bool(np.isfinite(np.array(list(map(float, v)))).all()) for v in curves.values()]) & (last <= first)
    score = np.where(ok, last, np.inf)
    best = np.lexsort((lrs, score))[0]
    with np.errstate(all="ignore"):
        good = last <= last[best] + tolerance * (first[best] - last[best])
    words = np.where(~ok, "diverges", np.where(good, "good", np.where(lrs < lrs[best], "too low", "too high")))
    return dict(zip(curves, words.tolist()))
def update_ratio(params, updates):
    def one(w, u):
        w, u = (partial(torch.norm, p=2)(t.detach().double()).item() for t in (w, u))
        return -math.inf if u == 0 else math.inf if w == 0 else math.log(u / w, 10)
    return list(map(one, params, updates))
@torch.no_grad()
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    need(lr >= 0, "lr"); need(eps >= 0, "eps")
    torch._foreach_addcmul_(square_sums, grads, grads, value=1)
    d = torch._foreach_sqrt(square_sums); torch._foreach_add_(d, eps)
    torch._foreach_addcdiv_(params, grads, d, value=-lr)
@torch.no_grad()
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    need(lr >= 0, "lr"); need(eps >= 0, "eps"); need(0 <= alpha < 1, "alpha")
    for z in map(Slot, params, grads, square_averages):
        z.s *= alpha; z.s += (1 - alpha) * z.g.square()
        z.w -= lr * z.g / z.s.sqrt().add(eps)
@torch.no_grad()
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    need(step >= 1, "step"); need(lr >= 0, "lr"); need(eps >= 0, "eps"); need(0 <= beta1 < 1, "beta1"); need(0 <= beta2 < 1, "beta2")
    torch._foreach_lerp_(first_moments, grads, 1 - beta1)
    torch._foreach_mul_(second_moments, beta2); torch._foreach_addcmul_(second_moments, grads, grads, value=1 - beta2)
    mh = torch._foreach_div(first_moments, 1 - beta1**step)
    vh = torch._foreach_div(second_moments, 1 - beta2**step)
    torch._foreach_sqrt_(vh); torch._foreach_add_(vh, eps)
    torch._foreach_addcdiv_(params, mh, vh, value=-lr)
