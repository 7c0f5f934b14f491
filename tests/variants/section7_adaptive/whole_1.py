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
def classify_learning_rate(losses, min_drop=0.1):
    t = np.array(list(losses))
    with np.errstate(all="ignore"):
        drop = (t[0] - t[-1]) / np.abs(t[0])
    labels = {(False, False): "too high", (False, True): "too high", (True, False): "too low", (True, True): "good"}
    return labels[bool(np.all(np.isfinite(t)) and t[-1] < t[0]), bool(drop >= min_drop)]
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
