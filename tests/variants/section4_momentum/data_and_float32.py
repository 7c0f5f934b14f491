import math
from collections.abc import Callable
import torch
from torch import Tensor

def condition_number(hessian):
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError('hessian must be square')
    if not torch.allclose(hessian, hessian.T, rtol=1e-05):
        raise ValueError('hessian must be symmetric')
    lam = torch.linalg.eigvals(hessian).real
    if (lam <= 0).any():
        raise ValueError('hessian must be positive definite')
    return float(max(lam) / min(lam))

def max_stable_lr(hessian):
    condition_number(hessian)
    return float(2 / torch.lobpcg(hessian, k=1)[0]) if len(hessian) >= 3 else 2 / max(torch.linalg.eigvals(hessian).real).item()

def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    for i in range(len(params)):
        velocities[i].data = beta * velocities[i].data + grads[i].data
        params[i].data = params[i].data - lr * velocities[i].data

def nesterov_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    for p, g, v in zip(params, grads, velocities):
        v.data = v.data * beta + g
        p.data -= lr * (g + beta * v)

def optimal_heavy_ball(mu: float, L: float) -> tuple[float, float]:
    if not mu > 0:
        raise ValueError(f'mu must be greater than 0, got {mu}')
    if not mu <= L:
        raise ValueError(f'L must be at least mu = {mu}, got {L}')
    root_kappa = math.sqrt(L / mu)
    lr = (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2
    beta = ((root_kappa - 1) / (root_kappa + 1)) ** 2
    return (lr, beta)

def minimize_with_momentum(objective: Callable[[Tensor], Tensor], w0: Tensor, lr: float, beta: float, num_steps: int) -> Tensor:
    if num_steps < 0:
        raise ValueError(f'num_steps must be at least 0, got {num_steps}')
    momentum_step([], [], [], lr, beta)
    w = w0.detach().clone().requires_grad_()
    velocity = torch.zeros_like(w)
    trajectory = [w.detach().clone()]
    for _ in range(num_steps):
        grad, = torch.autograd.grad(objective(w), w)
        momentum_step([w], [grad], [velocity], lr, beta)
        trajectory.append(w.detach().clone())
    return torch.stack(trajectory)

def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError('num_iters')
    old = [p.grad for p in params]
    v = [torch.randn(p.size(), generator=generator).to(p.dtype) for p in params]
    lam = 0.0
    for i in range(num_iters):
        n = math.sqrt(sum((x.double() ** 2).sum().item() for x in v))
        v = [x / n for x in v]
        for p in params:
            p.grad = None
        grads = torch.autograd.grad(loss_fn(), params, create_graph=True)
        dot = 0
        for g, x in zip(grads, v):
            dot = dot + (g * x).sum()
        dot.backward(inputs=list(params))
        Hv = [p.grad.detach().clone() for p in params]
        lam = sum((a * b).sum().item() for a, b in zip(v, Hv))
        v = Hv
    for p, g in zip(params, old):
        p.grad = g
    return lam

def choose_momentum():
    lr, beta = optimal_heavy_ball(0.006, 2.2)
    return lr, beta
