"""Element by element with Python floats; torch.optim classes are not used."""
import math
import torch
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    if lr < 0: raise ValueError("lr must not be negative")
    return lr * grow if math.isfinite(loss) and loss < previous_loss else lr * shrink
def inverse_time_decay(lr0, step, decay):
    return lr0 / (1.0 + float(decay) * float(step))
def classify_learning_rate(losses, min_drop=0.1):
    for loss in losses:
        if not math.isfinite(loss): return "too high"
    drop = losses[0] - losses[-1]
    if drop <= 0: return "too high"
    return "too low" if drop / abs(losses[0]) < min_drop else "good"
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
