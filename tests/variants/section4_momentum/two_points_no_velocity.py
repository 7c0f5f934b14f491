"""Heavy ball by its last two points, Nesterov's weights before the velocity, eigenvalues from a Cholesky factor."""
import typing as t
from math import sqrt, isclose

import torch

Tensors = t.List[torch.Tensor]


class _Range:
    """A half-open interval that can complain."""

    def __init__(self, low, high=float("inf")):
        self.low, self.high = low, high

    def __contains__(self, x):
        return self.low <= x < self.high

    def require(self, **kwargs):
        for key, value in kwargs.items():
            if value not in self:
                raise ValueError(f"{key}={value} is outside [{self.low}, {self.high})")


RATE, SHARE = _Range(0), _Range(0, 1)


def _factor(hessian: torch.Tensor) -> torch.Tensor:
    if hessian.dim() != 2:
        raise ValueError("hessian: a matrix has two axes")
    rows, columns = hessian.size()
    if rows != columns:
        raise ValueError("hessian: %d rows, %d columns" % (rows, columns))
    H = hessian.clone().to(torch.float64)
    skew = torch.triu(H - H.t(), 1)
    if skew.abs().max().item() > 1e-6 * H.abs().max().item():
        raise ValueError("hessian: not symmetric")
    L, info = torch.linalg.cholesky_ex((H + H.t()) / 2)
    if info.item() != 0:
        raise ValueError("hessian: not positive definite")
    return L


def _spectrum(hessian):
    singular = torch.linalg.svdvals(_factor(hessian)) ** 2  # H = L L^T
    return singular.max().item(), singular.min().item()


def condition_number(hessian: torch.Tensor) -> float:
    high, low = _spectrum(hessian)
    return high / low


def max_stable_lr(hessian: torch.Tensor) -> float:
    return 2.0 / _spectrum(hessian)[0]


def momentum_step(params: Tensors, grads: Tensors, velocities: Tensors, lr: float, beta: float) -> None:
    RATE.require(lr=lr)
    SHARE.require(beta=beta)
    with torch.no_grad():
        for i, g in enumerate(grads):
            torch.add(g, velocities[i], alpha=beta, out=velocities[i])
            params[i].sub_(velocities[i], alpha=lr)


def nesterov_step(params: Tensors, grads: Tensors, velocities: Tensors, lr: float, beta: float) -> None:
    RATE.require(lr=lr)
    SHARE.require(beta=beta)
    with torch.no_grad():
        for w, g, v in zip(params, grads, velocities):
            # g + beta (beta v + g), with the old v
            w.add_(g, alpha=-lr * (1 + beta)).add_(v, alpha=-lr * beta * beta)
        for v, g in zip(velocities, grads):
            v.mul_(beta)
            v += g


def optimal_heavy_ball(mu: float, L: float) -> t.Tuple[float, float]:
    if not mu > 0:
        raise ValueError("mu must be positive")
    if L < mu:
        raise ValueError("L is the larger one, L >= mu")
    lr = 4 / (L + mu + 2 * sqrt(L * mu))
    return lr, (1 - sqrt(lr * mu)) ** 2 if L > mu else 0.0


def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    RATE.require(lr=lr, num_steps=num_steps)
    SHARE.require(beta=beta)
    slope = torch.func.grad(objective)
    trail = [w0.detach(), w0.detach()]
    for _ in range(num_steps):
        *_, before, now = trail
        trail.append(now - lr * slope(now) + beta * (now - before))
    return torch.stack(trail[1:]).detach()


def sharpness(loss_fn, params, num_iters, generator):
    RATE.require(num_iters=num_iters - 1)
    point = [p.detach().clone() for p in params]
    vector = [torch.randn(p.shape, generator=generator, dtype=p.dtype) for p in params]
    total = lambda a, b: sum(float(torch.sum(x * y)) for x, y in zip(a, b))
    slope = torch.autograd.grad(loss_fn(), params, create_graph=True)
    for _ in range(num_iters):
        length = sqrt(total(vector, vector))
        unit = [x / length for x in vector]
        vector = torch.autograd.grad(
            torch.cat([s.flatten() for s in slope]), params, torch.cat([u.flatten() for u in unit]), retain_graph=True
        )
    assert all(torch.equal(a, b) for a, b in zip(point, params))
    return total(unit, vector)


def choose_momentum() -> t.Tuple[float, float]:
    lr: float = 1.0
    return lr, sqrt(0.64)


if __name__ == "__main__":
    a, b = optimal_heavy_ball(1.0, 100.0)
    assert isclose(b, (9 / 11) ** 2)
