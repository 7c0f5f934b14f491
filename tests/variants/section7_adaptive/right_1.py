"""numpy views, loops, .data"""
import math
import numpy as np
import torch

def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    if lr < 0: raise ValueError("lr is negative")
    if math.isnan(loss) or abs(loss) == math.inf: return shrink * lr
    if previous_loss > loss: return grow * lr
    return shrink * lr
def inverse_time_decay(lr0, step, decay):
    return float(np.float64(lr0) / np.float64(decay * step + 1))
def diagnose_learning_rates(curves, tolerance=0.1):
    _check_tolerance(tolerance)
    a = {lr: np.asarray(losses, dtype=float) for lr, losses in curves.items()}
    if any(x.size == 0 for x in a.values()): raise ValueError("empty curves")
    ok = [lr for lr in sorted(a) if np.isfinite(a[lr]).all() and a[lr][-1] <= a[lr][0]]
    out = {lr: "diverges" for lr in curves}
    if not ok: return out
    best = ok[int(np.argmin([a[lr][-1] for lr in ok]))]
    limit = (1 - tolerance) * a[best][-1] + tolerance * a[best][0]
    for lr in ok:
        out[lr] = "good" if lr == best or a[lr][-1] <= limit else ("too low", "too high")[lr > best]
    return out
def _check_tolerance(t):
    if t < 0: raise ValueError("tolerance must not be negative")
def update_ratio(params, updates):
    with np.errstate(divide="ignore", invalid="ignore"):
        r = [np.log10(np.linalg.norm(u.detach().numpy().ravel()) / np.linalg.norm(p.detach().numpy().ravel())) if u.detach().any() else -np.inf
             for p, u in zip(params, updates)]
    return [float(x) for x in r]
def _check(**kw):
    for k, v in kw.items():
        bad = v < 1 if k == "step" else (v < 0 if k in ("lr", "eps") else not 0 <= v < 1)
        if bad: raise ValueError(f"{k} out of range")
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    _check(lr=lr, eps=eps)
    for i in range(len(params)):
        w, g, s = (t.detach().numpy() for t in (params[i], grads[i], square_sums[i]))
        s[...] = s + g * g
        w[...] = w - lr / (np.sqrt(s) + eps) * g
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    _check(lr=lr, eps=eps, alpha=alpha)
    for w, g, s in zip(params, grads, square_averages):
        w, g, s = (t.detach().numpy() for t in (w, g, s))
        s += (1 - alpha) * (g**2 - s)
        w -= lr / (np.sqrt(s) + eps) * g
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    _check(lr=lr, eps=eps, beta1=beta1, beta2=beta2, step=step)
    for w, g, m, v in zip(params, grads, first_moments, second_moments):
        w, g, m, v = (t.detach().numpy() for t in (w, g, m, v))
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        root = math.sqrt(1 - beta2**step)  # the paper's efficient form, eps scaled
        w -= lr * root / (1 - beta1**step) * m / (np.sqrt(v) + eps * root)
