import math
from collections.abc import Callable
import torch
from torch import Tensor

def momentum_step(params, grads, velocities, lr, beta):
    raise NotImplementedError

class HeavyBall:

    def __init__(self, lr, beta):
        if lr < 0:
            raise ValueError(f'lr={lr!r}')
        if not 0 <= beta < 1:
            raise ValueError(f'beta={beta!r}')
        self.lr = lr
        self.beta = beta

    def __call__(self, params, grads, velocities):
        for p, g, v in zip(params, grads, velocities):
            v.copy_(v * self.beta + g)
            with torch.inference_mode(False), torch.no_grad():
                p.copy_(p - self.lr * v)

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
momentum_step = lambda params, grads, velocities, lr, beta: HeavyBall(lr, beta)(params, grads, velocities)

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
    opt = HeavyBall(lr, beta)
    if num_steps < 0:
        raise ValueError('num_steps<0')
    w = torch.nn.Parameter(w0.detach().clone())
    v = torch.zeros_like(w.data)
    out = torch.empty(num_steps + 1, len(w0), dtype=w0.dtype)
    out[0] = w.detach()
    for t in range(num_steps):
        w.grad = None
        objective(w).backward()
        opt([w], [w.grad], [v])
        out[t + 1] = w.data
    return out

class PowerIteration:

    def __init__(self, loss_fn, params):
        self.params = list(params)
        self.slopes = torch.autograd.grad(loss_fn(), self.params, create_graph=True)

    def times(self, v):
        return torch.autograd.grad(self.slopes, self.params, grad_outputs=v, retain_graph=True)

def sharpness(loss_fn, params, num_iters, generator):
    if num_iters <= 0:
        raise ValueError('num_iters must be positive')
    H = PowerIteration(loss_fn, params)
    v = [torch.empty_like(p.detach()).normal_(generator=generator) for p in params]
    for _ in range(num_iters):
        size = torch.stack([x.norm() for x in v]).norm()
        v = [x / size for x in v]
        Hv = H.times(v)
        value = sum(torch.vdot(a.flatten(), b.flatten()) for a, b in zip(v, Hv))
        v = Hv
    return value.item()

def choose_momentum():
    return (1.0, 0.8)
