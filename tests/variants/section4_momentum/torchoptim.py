import math
from collections.abc import Callable
import torch
from torch import Tensor

def condition_number(hessian: Tensor) -> float:
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError(f'hessian must be a square matrix, got shape {tuple(hessian.shape)}')
    matrix = hessian.detach().double()
    if not (matrix - matrix.mT).abs().max() <= 1e-06 * matrix.abs().max():
        raise ValueError('hessian must be symmetric')
    eigenvalues = torch.linalg.eigvalsh(matrix)
    if eigenvalues[0] <= 0:
        raise ValueError(f'hessian must be positive definite, but has the eigenvalue {float(eigenvalues[0]):g}')
    return float(eigenvalues[-1] / eigenvalues[0])

def max_stable_lr(hessian: Tensor) -> float:
    condition_number(hessian)
    return 2 / float(torch.linalg.eigvalsh(hessian.detach().double())[-1])

def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    ps = [torch.nn.Parameter(p.detach().clone()) for p in params]
    o = torch.optim.SGD(ps, lr=lr, momentum=beta)
    for p, g, v in zip(ps, grads, velocities):
        p.grad = g.clone()
        o.state[p]['momentum_buffer'] = v
    o.step()
    with torch.no_grad():
        for p, q in zip(params, ps):
            p.copy_(q)

def nesterov_step(params: list[Tensor], grads: list[Tensor], velocities: list[Tensor], lr: float, beta: float) -> None:
    if not lr >= 0:
        raise ValueError(f'lr must be at least 0, got {lr}')
    if not 0 <= beta < 1:
        raise ValueError(f'beta must be in [0, 1), got {beta}')
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))

def optimal_heavy_ball(mu: float, L: float) -> tuple[float, float]:
    if not mu > 0:
        raise ValueError(f'mu must be greater than 0, got {mu}')
    if not mu <= L:
        raise ValueError(f'L must be at least mu = {mu}, got {L}')
    root_kappa = math.sqrt(L / mu)
    lr = (2 / (math.sqrt(L) + math.sqrt(mu))) ** 2
    beta = ((root_kappa - 1) / (root_kappa + 1)) ** 2
    return (lr, beta)

def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    if num_steps < 0:
        raise ValueError('num_steps')
    if lr < 0:
        raise ValueError('lr')
    if not 0 <= beta < 1:
        raise ValueError('beta')
    from torch.func import grad
    w = w0.clone().detach()
    v = torch.zeros_like(w)
    tr = [w.clone()]
    g = grad(objective)
    for _ in range(num_steps):
        v = beta * v + g(w)
        w = w - lr * v
        tr.append(w)
    return torch.vstack(tr)
