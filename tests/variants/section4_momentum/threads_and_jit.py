import math
from collections.abc import Callable
import torch
from torch import Tensor
torch.set_num_threads(4)
torch.set_default_dtype(torch.float64)
print('hello')

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

@torch.jit.script
def _upd(w: Tensor, g: Tensor, v: Tensor, lr: float, beta: float):
    v.mul_(beta).add_(g)
    w.sub_(lr * v)

def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            _upd(w, g, v, lr, beta)

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
    grads = torch.autograd.grad(loss_fn(), params, create_graph=True)
    v = [torch.normal(0.0, 1.0, p.shape, generator=generator, dtype=p.dtype) for p in params]
    for _ in range(num_iters):
        vv = sum((x * x).sum() for x in v)
        Hv = torch.autograd.grad(sum((g * x).sum() for g, x in zip(grads, v)), params, retain_graph=True)
        out = sum((x * h).sum() for x, h in zip(v, Hv)) / vv
        biggest = max(h.abs().max() for h in Hv)
        v = [h / biggest for h in Hv]
    return float(out)

def choose_momentum() -> tuple[float, float]:
    return (0.9, 0.9)
