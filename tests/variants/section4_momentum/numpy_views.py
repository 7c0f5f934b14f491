import math
from collections.abc import Callable
import torch
from torch import Tensor
import numpy as np

def condition_number(hessian):
    h = hessian.detach().numpy().astype(float)
    if h.ndim != 2 or h.shape[0] != h.shape[1]:
        raise ValueError('hessian not square')
    if not np.allclose(h, h.T, rtol=1e-06):
        raise ValueError('hessian not symmetric')
    e = np.linalg.eigvalsh(h)
    if e.min() <= 0:
        raise ValueError('hessian not PD')
    return e.max() / e.min()

def max_stable_lr(hessian):
    condition_number(hessian)
    return 2 / np.linalg.eigvalsh(hessian.numpy()).max()

def momentum_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    for p, g, v in zip(params, grads, velocities):
        pn, gn, vn = (p.detach().numpy(), g.detach().numpy(), v.detach().numpy())
        vn[...] = beta * vn + gn
        pn[...] -= lr * vn

def nesterov_step(params, grads, velocities, lr, beta):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    for p, g, v in zip(params, grads, velocities):
        pn, gn, vn = (p.detach().numpy(), g.detach().numpy(), v.detach().numpy())
        vn *= beta
        vn += gn
        np.subtract(pn, lr * (gn + beta * vn), out=pn)

def optimal_heavy_ball(mu, L):
    if mu <= 0:
        raise ValueError('mu')
    if L < mu:
        raise ValueError('L')
    k = np.sqrt(L / mu)
    return ((2 / (np.sqrt(L) + np.sqrt(mu))) ** 2, ((k - 1) / (k + 1)) ** 2)

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
    if not num_iters >= 1:
        raise ValueError('num_iters has to be 1 or more')
    sizes = [p.numel() for p in params]
    rng = np.random.default_rng(int(torch.randint(2 ** 31, (1,), generator=generator)))
    v = rng.standard_normal(sum(sizes))
    g = torch.autograd.grad(loss_fn(), params, create_graph=True)
    for _ in range(num_iters):
        v = v / np.linalg.norm(v)
        parts = torch.as_tensor(v, dtype=params[0].dtype).split(sizes)
        Hv = torch.autograd.grad(g, params, [x.view_as(p) for x, p in zip(parts, params)], retain_graph=True)
        Hv = np.concatenate([h.numpy().reshape(-1) for h in Hv])
        quotient = v @ Hv
        v = Hv
    return float(quotient)

def choose_momentum():
    return tuple(float(x) for x in np.array([1.5, 0.8]))
