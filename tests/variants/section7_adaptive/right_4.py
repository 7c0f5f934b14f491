"""Element by element with Python floats; torch.optim classes are not used."""
import math
import torch
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    if lr < 0: raise ValueError("lr must not be negative")
    return lr * grow if math.isfinite(loss) and loss < previous_loss else lr * shrink
def inverse_time_decay(lr0, step, decay):
    return lr0 / (1.0 + float(decay) * float(step))
def diagnose_learning_rates(curves, tolerance=0.1):
    if not tolerance >= 0: raise ValueError("tolerance < 0")
    def judge(losses):
        losses = [float(loss) for loss in losses]
        if not losses: raise ValueError("curves: nothing there")
        return None if losses[-1] > losses[0] or not all(math.isfinite(loss) for loss in losses) else (losses[-1], losses[0])
    ends = {lr: judge(losses) for lr, losses in curves.items()}
    good = sorted((end[0], lr, end[1]) for lr, end in ends.items() if end)
    if good: last, best, first = good[0]
    return {lr: "diverges" if end is None else "good" if end[0] - last <= (first - last) * tolerance else "too low" if lr < best else "too high" for lr, end in ends.items()}
def update_ratio(params, updates):
    result = []
    for w, u in zip(params, updates):
        a, b = (sum((t.detach().double().reshape(-1) ** 2).tolist()) ** 0.5 for t in (u, w))
        try:
            result.append(math.log10(a / b))
        except ZeroDivisionError:
            result.append(math.inf if a else -math.inf)
        except ValueError:
            result.append(-math.inf)
    return result
def _each(*tensors):
    for index in torch.cartesian_prod(*[torch.arange(n) for n in tensors[0].shape]).reshape(-1, max(tensors[0].dim(), 1)).tolist() if tensors[0].dim() else [()]:
        yield tuple(index)
def _check(lr, eps, step=1, **betas):
    if lr < 0: raise ValueError("lr")
    if eps < 0: raise ValueError("eps")
    if step < 1: raise ValueError("step")
    for name, beta in betas.items():
        if not 0 <= beta < 1: raise ValueError(name)
def _flat(t): return t.detach().reshape(-1).double()
@torch.no_grad()
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    _check(lr, eps)
    for w, g, s in zip(params, grads, square_sums):
        G = _flat(g); S = _flat(s) + G * G
        W = _flat(w) - lr * G / (S.sqrt() + eps)
        s.copy_(S.reshape(s.shape)); w.copy_(W.reshape(w.shape))
@torch.no_grad()
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    _check(lr, eps, alpha=alpha)
    for w, g, s in zip(params, grads, square_averages):
        G = _flat(g); S = alpha * _flat(s) + G * G - alpha * G * G
        W = _flat(w) - lr * G / (S.sqrt() + eps)
        s.copy_(S.reshape(s.shape)); w.copy_(W.reshape(w.shape))
@torch.no_grad()
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    _check(lr, eps, step, beta1=beta1, beta2=beta2)
    new = []
    for w, g, m, v in zip(params, grads, first_moments, second_moments):
        M = beta1 * m + (1 - beta1) * g
        V = beta2 * v + (1 - beta2) * g * g
        new.append((M, V, w - lr * (M / (1 - beta1**step)) / ((V / (1 - beta2**step)) ** 0.5 + eps)))
    for (M, V, W), m, v, w in zip(new, first_moments, second_moments, params):
        m.set_(M); v.data = V; w.copy_(W)
