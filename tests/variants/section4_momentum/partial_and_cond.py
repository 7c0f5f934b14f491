import math
from collections.abc import Callable
import torch
from torch import Tensor
import functools

def _step(params, grads, velocities, lr, beta, *, nesterov):
    if lr < 0:
        raise ValueError('lr is negative')
    if beta < 0 or beta >= 1:
        raise ValueError('beta out of range')
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            v.copy_(torch.lerp(g, v + g, beta))
            d = torch.add(g, v, alpha=beta) if nesterov else v
            w.addcmul_(d, torch.tensor(-lr, dtype=w.dtype))
momentum_step = functools.partial(_step, nesterov=False)
nesterov_step = functools.partial(_step, nesterov=True)

def condition_number(hessian):
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError('hessian must be square')
    if not torch.allclose(hessian, hessian.T, rtol=1e-05):
        raise ValueError('hessian must be symmetric')
    try:
        torch.linalg.cholesky(hessian)
    except RuntimeError:
        raise ValueError('hessian must be positive definite') from None
    return torch.linalg.cond(hessian).item()

def max_stable_lr(hessian: Tensor) -> float:
    condition_number(hessian)
    return 2 / float(torch.linalg.eigvalsh(hessian.detach().double())[-1])

def optimal_heavy_ball(mu, L):
    assert_ok = mu > 0
    if not assert_ok:
        raise ValueError('mu must be > 0')
    if mu > L:
        raise ValueError('need mu <= L')
    if mu == L:
        return (1 / L, 0.0)
    k = L / mu
    return (4 / (L ** 0.5 + mu ** 0.5) ** 2, math.pow((k ** 0.5 - 1) / (k ** 0.5 + 1), 2))

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

def _power(multiply, v, k):
    if k == 0:
        return multiply(v) @ v
    w = multiply(v)
    return _power(multiply, w / w.norm(), k - 1)

def sharpness(loss_fn, params, num_iters, generator):
    if num_iters < 1:
        raise ValueError('num_iters')
    from torch.nn.utils import parameters_to_vector
    g = parameters_to_vector(torch.autograd.grad(loss_fn(), params, create_graph=True))
    multiply = lambda v: parameters_to_vector(torch.autograd.grad(g, params, v, retain_graph=True))
    start = torch.randn(g.shape, generator=generator, dtype=g.dtype)
    return float(_power(multiply, start / start.norm(), num_iters - 1))

choose_momentum = functools.partial(lambda lr, beta: (lr, beta), 0.6, beta=0.88)
