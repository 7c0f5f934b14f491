"""autograd Functions avoided: torch.where, hypot, indices, exec-free; list index assign keeps tensors; set via requires_grad toggling."""
import math
import torch
def _chk(lr, eps=0.0, step=1, **b):
    msgs = [n for n, bad in (("lr", lr < 0), ("eps", eps < 0), ("step", step < 1)) if bad] + [n for n, v in b.items() if v < 0 or v >= 1]
    if msgs: raise ValueError("invalid argument(s): " + ", ".join(msgs))
def bold_driver(lr, previous_loss, loss, grow=1.05, shrink=0.5):
    _chk(lr)
    fell = loss < previous_loss and not (math.isnan(loss) or math.isinf(loss) or math.isnan(previous_loss) or math.isinf(previous_loss))
    lr *= grow if fell else shrink
    return lr
def inverse_time_decay(lr0, step, decay):
    if decay == 0: return lr0
    return lr0 / decay / (1 / decay + step)
def diagnose_learning_rates(curves, tolerance=0.1):
    if tolerance < 0: raise ValueError("tolerance")
    tensors = {}
    for lr, losses in curves.items():
        t = torch.as_tensor(losses, dtype=torch.float64)
        if t.numel() == 0: raise ValueError("curves")
        tensors[lr] = t
    verdicts, best = {}, None
    for lr, t in tensors.items():
        if not torch.isfinite(t).all() or t[-1].gt(t[0]): verdicts[lr] = "diverges"; continue
        if best is None or t[-1] < tensors[best][-1] or (t[-1] == tensors[best][-1] and lr < best): best = lr
    for lr, t in tensors.items():
        if lr in verdicts: continue
        b = tensors[best]
        verdicts[lr] = "good" if t[-1] <= torch.lerp(b[-1], b[0], tolerance) else ["too high", "too low"][lr < best]
    return verdicts
def update_ratio(params, updates):
    out = []
    for w, u in zip(params, updates):
        w, u = w.detach().reshape(-1), u.detach().reshape(-1)
        top, bottom = torch.dot(u, u), torch.dot(w, w)
        out.append(float("-inf") if top == 0 else float((top / bottom).sqrt().log10()))
    return out
def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    _chk(lr, eps)
    for i in range(len(params)):
        s, w, g = square_sums[i], params[i], grads[i]
        s.copy_(torch.hypot(s.sqrt(), g) ** 2)
        with torch.no_grad(): w.copy_(torch.sub(w, torch.div(g, s.sqrt() + eps), alpha=lr))
def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    _chk(lr, eps, alpha=alpha)
    for i, (w, g) in enumerate(zip(params, grads)):
        square_averages[i].mul_(alpha).addcmul_(g, g, value=1 - alpha)
        flag = w.requires_grad
        w.requires_grad_(False)
        w.sub_(lr * (g / (square_averages[i].sqrt() + eps)))
        w.requires_grad_(flag)
def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    _chk(lr, eps, step, beta1=beta1, beta2=beta2)
    c1 = -math.expm1(step * math.log(beta1)) if beta1 else 1.0
    c2 = -math.expm1(step * math.log(beta2)) if beta2 else 1.0
    with torch.inference_mode():
        for w, g, m, v in zip(params, grads, first_moments, second_moments):
            m.add_(g - m, alpha=1 - beta1); v.add_(g**2 - v, alpha=1 - beta2)
            w.subtract_(m.div(c1).mul(lr).div(v.div(c2).sqrt().add(eps)))
