"""copy_, .data =, lerp, addcdiv, rsqrt-free."""
import math
import torch
def bold_driver(lr: float, previous_loss: float, loss: float, grow: float = 1.05, shrink: float = 0.5) -> float:
    if lr < 0: raise ValueError(f"bad learning rate lr={lr}")
    factor = shrink
    if loss < previous_loss and loss > -math.inf:
        factor = grow
    return lr * factor
def inverse_time_decay(lr0, step, decay):
    return lr0 * (1.0 + step * decay) ** -1
def diagnose_learning_rates(curves, tolerance=0.1):
    if tolerance < 0: raise ValueError("tolerance")
    if any(len(c) == 0 for c in curves.values()): raise ValueError("curves")
    bad = [lr for lr, c in curves.items() if any(x != x or x in (math.inf, -math.inf) for x in c) or c[-1] > c[0]]
    rest = sorted((lr for lr in curves if lr not in bad), key=lambda lr: lr)
    if not rest: return {lr: "diverges" for lr in curves}
    lowest = min(curves[lr][-1] for lr in rest)
    best = next(lr for lr in rest if curves[lr][-1] == lowest)
    drop = curves[best][0] - lowest
    result = {}
    for lr, c in curves.items():
        if lr in bad: result[lr] = "diverges"
        elif not c[-1] > lowest + tolerance * drop: result[lr] = "good"
        else: result[lr] = "too low" if best > lr else "too high"
    return result
def update_ratio(params, updates):
    out = []
    with torch.no_grad():
        for p, u in zip(params, updates):
            p, u = torch.linalg.vector_norm(p), torch.linalg.vector_norm(u)
            out.append(torch.log10(u / p).item() if u > 0 else -math.inf)
    return out
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    if lr < 0: raise ValueError("lr")
    if eps < 0: raise ValueError("eps")
    for w, g, s in zip(params, grads, square_sums):
        s.copy_(s + g.pow(2))
        w.data = w.data - (lr / (torch.sqrt(s) + eps)) * g
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    if lr < 0: raise ValueError("lr")
    if eps < 0: raise ValueError("eps")
    if alpha < 0 or alpha >= 1: raise ValueError("alpha")
    for w, g, s in zip(params, grads, square_averages):
        s.lerp_(g * g, 1 - alpha)
        w.data.addcdiv_(g, s.sqrt().add_(eps), value=-lr)
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    if lr < 0: raise ValueError("lr")
    if eps < 0: raise ValueError("eps")
    if step < 1: raise ValueError("step")
    if beta1 < 0 or beta1 >= 1: raise ValueError("beta1")
    if beta2 < 0 or beta2 >= 1: raise ValueError("beta2")
    for w, g, m, v in zip(params, grads, first_moments, second_moments):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * torch.square(g)
        c1, c2 = 1 - math.pow(beta1, step), 1 - math.pow(beta2, step)
        w.data.copy_(w.data - lr / c1 * m / (v.sqrt() / math.sqrt(c2) + eps))
