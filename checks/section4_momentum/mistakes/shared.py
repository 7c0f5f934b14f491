"""Argument checks, right steps and the parts of power iteration, for the mistakes of several exercises."""

import torch


def symmetric_matrix(hessian):
    """The matrix itself; raise ValueError unless it is square and symmetric."""
    if hessian.ndim != 2 or hessian.shape[0] != hessian.shape[1]:
        raise ValueError("hessian must be a square matrix")
    if not (hessian - hessian.mT).abs().max() <= 1e-6 * hessian.abs().max():
        raise ValueError("hessian must be symmetric")
    return hessian


def eigenvalues_of(hessian):
    """The eigenvalues in ascending order; raise ValueError unless the matrix is symmetric positive definite."""
    eigenvalues = torch.linalg.eigvalsh(symmetric_matrix(hessian))
    if eigenvalues[0] <= 0:
        raise ValueError("hessian must be positive definite")
    return eigenvalues


def expect_lr(lr):
    if not lr >= 0:
        raise ValueError("lr must be at least 0")


def expect_beta(beta):
    if not 0 <= beta < 1:
        raise ValueError("beta must be in [0, 1)")


def expect_step(lr, beta):
    expect_lr(lr)
    expect_beta(beta)


def heavy_ball_update(params, grads, velocities, lr, beta):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * v)


def nesterov_update(params, grads, velocities, lr, beta):
    """The right step, without checks of the arguments."""
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities, strict=True):
            v.mul_(beta).add_(g)
            w.sub_(lr * (g + beta * v))


def expect_iterations(num_iters):
    if num_iters < 1:
        raise ValueError("num_iters must be at least 1")


def gradient_with_graph(loss_fn, params):
    """The gradient, with its graph."""
    return torch.autograd.grad(loss_fn(), params, create_graph=True)


def gaussian(params, generator):
    return [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]


def times_hessian(slopes, params, v):
    """The product of the Hessian with a list of tensors."""
    along = sum((g * x).sum() for g, x in zip(slopes, v, strict=True))
    return torch.autograd.grad(along, params, retain_graph=True, materialize_grads=True)


def dot(a, b):
    return sum(float((x * y).sum()) for x, y in zip(a, b, strict=True))


def unit(v):
    length = dot(v, v) ** 0.5
    return [x / length for x in v]


def rayleigh_quotient(slopes, params, v, num_iters):
    """The Rayleigh quotient after some products, from the start `v`."""
    quotient = 0.0
    for _ in range(num_iters):
        v = unit(v)
        product = times_hessian(slopes, params, v)
        quotient, v = dot(v, product), product
    return quotient
