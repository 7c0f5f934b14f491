import math
from collections.abc import Callable
import torch
from torch import Tensor

def checked(f):
    import functools

    @functools.wraps(f)
    def g(params, grads, velocities, lr, beta):
        for name, ok in (('lr', lr >= 0), ('beta', 0 <= beta < 1)):
            if not ok:
                raise ValueError(f'bad {name}')
        with torch.no_grad():
            return f(params, grads, velocities, lr, beta)
    return g

def valid(f):

    def g(hessian):
        import torch.linalg as la
        if hessian.dim() != 2 or len({*hessian.shape}) != 1:
            raise ValueError('hessian square')
        if not torch.allclose(hessian, hessian.T, rtol=1e-06, atol=1e-06 * float(hessian.abs().max())):
            raise ValueError('hessian symmetric')
        _, info = la.cholesky_ex(hessian)
        if info:
            raise ValueError('hessian pos def')
        return f(hessian)
    return g

@valid
def condition_number(hessian):
    s = torch.linalg.svdvals(hessian.to(torch.float64))
    return (s[0] / s[-1]).item()

@valid
def max_stable_lr(hessian):
    return 2.0 / torch.linalg.matrix_norm(hessian.double(), ord=2).item()

@checked
def momentum_step(params, grads, velocities, lr, beta):
    [(v.mul_(beta).add_(g), w.add_(v, alpha=-lr)) for w, g, v in zip(params, grads, velocities)]

@checked
def nesterov_step(params, grads, velocities, lr, beta):
    for w, g, v in zip(params, grads, velocities):
        old = v.clone()
        v.copy_(beta * v + g)
        w.copy_(w - lr * (g + beta * v))

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

def at_least_one(f):

    def g(loss_fn, params, num_iters, generator):
        if num_iters < 1:
            raise ValueError('num_iters')
        return f(loss_fn, params, num_iters, generator)
    return g

@at_least_one
def sharpness(loss_fn, params, num_iters, generator):
    gs = torch.autograd.grad(loss_fn(), params, create_graph=True)
    # H v by differentiating twice: the gradient's vector-Jacobian product is linear in a dummy vector
    dummy = [torch.zeros_like(g, requires_grad=True) for g in gs]
    v = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]
    rate = torch.tensor(0.0)
    for _ in range(num_iters):
        norm = sum(x.square().sum() for x in v) ** 0.5
        v = [x / norm for x in v]
        Hv = torch.autograd.grad(gs, params, v, retain_graph=True, allow_unused=True)
        Hv = [torch.zeros_like(p) if h is None else h for p, h in zip(params, Hv)]
        rate = torch.stack([(x * h).sum() for x, h in zip(v, Hv)]).sum()
        v = Hv
    del dummy
    return rate.detach().item()

def choose_momentum():
    return 1.2, 0.85
