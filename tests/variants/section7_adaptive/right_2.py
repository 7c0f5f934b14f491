"""The torch functional optimisers themselves, and foreach."""
import torch
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    if not lr >= 0: raise ValueError("lr")
    ok = torch.isfinite(torch.tensor([loss, previous_loss])).all() and loss - previous_loss < 0
    return lr * [shrink, grow][bool(ok)]
def inverse_time_decay(lr0, step, decay):
    if decay < 0 or step < 0 or lr0 < 0: raise ValueError("lr0, step, decay")
    return 1 / (1 / lr0 + decay * step / lr0)
def classify_learning_rate(losses, min_drop=0.1):
    t = torch.tensor(losses, dtype=torch.float64)
    if not bool(t.isfinite().all()): return "too high"
    if not t[-1] < t[0]: return "too high"
    return "good" if ((t[0] - t[-1]) / t[0].abs()).item() >= min_drop else "too low"
def _check(**kw):
    for k, v in kw.items():
        if v < 0 or (k not in ("lr", "eps", "step") and v >= 1) or (k == "step" and v < 1): raise ValueError(k)
def _steps(params, n): return [torch.tensor(float(n)) for _ in params]
@torch.no_grad()
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    _check(lr=lr, eps=eps)
    adagrad(params, grads, square_sums, _steps(params, 0), foreach=True, lr=lr, weight_decay=0.0, lr_decay=0.0, eps=eps, maximize=False)
@torch.no_grad()
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    _check(lr=lr, eps=eps, alpha=alpha)
    rmsprop(params, grads, square_averages, [], [], _steps(params, 0), foreach=True, lr=lr, alpha=alpha, eps=eps, weight_decay=0.0, momentum=0.0, centered=False)
@torch.no_grad()
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    _check(lr=lr, eps=eps, beta1=beta1, beta2=beta2, step=step)
    adam(params, grads, first_moments, second_moments, [], _steps(params, step - 1), foreach=True, amsgrad=False, beta1=beta1, beta2=beta2, lr=lr, weight_decay=0.0, eps=eps, maximize=False)
