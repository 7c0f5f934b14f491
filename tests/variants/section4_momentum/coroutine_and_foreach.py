# a coroutine that holds the velocity, foreach kernels, eigh, one function for both rules
import functools, math, operator
import torch
from torch.autograd.functional import vjp

DEBUG = False
torch.manual_seed(1234)


def log(*things):
    if DEBUG: print(*things)


def spd(hessian, /):
    """Eigenvalues, smallest first, or a ValueError."""
    try:
        n, m = hessian.shape
    except ValueError:
        raise ValueError("hessian must have two axes") from None
    problems = []
    if n != m: problems.append("square")
    elif n == 0: problems.append("non-empty")
    elif not torch.isfinite(hessian).all(): problems.append("finite")
    else:
        values = hessian.tolist()
        bound = 1e-6 * max(abs(x) for row in values for x in row)
        if any(abs(values[i][j] - values[j][i]) > bound for i in range(n) for j in range(i)): problems.append("symmetric")
        else:
            e, _ = torch.linalg.eigh(hessian.to(torch.float64))
            if torch.any(e <= 0): problems.append("positive definite")
    if problems:
        raise ValueError(f"hessian is not {problems[0]}")
    return e.tolist()


def condition_number(hessian):
    lowest, *_, highest = [*spd(hessian)] * 2 if len(hessian) == 1 else spd(hessian)
    return highest / lowest


def max_stable_lr(hessian):
    return min(2 / e for e in spd(hessian))


def sizes_match(params, grads, velocities):
    for lists in zip(params, grads, velocities, strict=True):
        if len({x.shape for x in lists}) > 1: raise ValueError("params, grads and velocities differ in shape")


def rule(params, grads, velocities, lr, beta, look_ahead):
    if math.isnan(lr) or lr < 0: raise ValueError(f"{lr = }")
    if math.isnan(beta) or beta < 0 or beta >= 1: raise ValueError(f"{beta = }")
    sizes_match(params, grads, velocities)
    if not params: return
    with torch.no_grad():
        torch._foreach_mul_(velocities, beta)
        torch._foreach_add_(velocities, grads)
        step = torch._foreach_add(grads, velocities, alpha=beta) if look_ahead else velocities
        torch._foreach_sub_(params, step, alpha=lr)


def momentum_step(params, grads, velocities, lr, beta): return rule(params, grads, velocities, lr, beta, False)
def nesterov_step(params, grads, velocities, lr, beta): return rule(params, grads, velocities, lr, beta, look_ahead=True)


def optimal_heavy_ball(mu, L):
    if mu <= 0 or L <= 0 or mu > L:
        raise ValueError(f"0 < mu <= L does not hold for mu = {mu}, L = {L}")
    low, high = math.sqrt(mu), math.sqrt(L)
    return math.pow(2 / (high + low), 2), math.pow((high - low) / (high + low), 2)


def ball(w, lr, beta):
    v = torch.zeros_like(w)
    while True:
        g = yield w.clone()
        momentum_step([w], [g], [v], lr, beta)


def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    momentum_step([], [], [], lr, beta)
    if operator.index(num_steps) < 0: raise ValueError("num_steps")
    rolling = ball(w0.detach().clone(), lr, beta)
    path = [next(rolling)]
    try:
        for _ in range(num_steps):
            value, g = vjp(objective, path[-1])
            log(value)
            path.append(rolling.send(g))
    finally:
        rolling.close()
    return functools.reduce(lambda a, b: torch.cat([a, b[None]]), path[1:], path[0][None])


def sharpness(loss_fn, params, num_iters, generator):
    if operator.index(num_iters) < 1: raise ValueError("num_iters")
    flat = lambda parts: torch.cat([x.reshape(-1) for x in parts])
    g = flat(torch.autograd.grad(loss_fn(), params, create_graph=True))
    v = torch.randn(len(g), generator=generator, dtype=g.dtype)
    v /= v.norm()
    for _ in range(num_iters):
        v = flat(torch.autograd.grad(g @ v, params, retain_graph=True))
        v /= v.norm()
    # the quotient of the next vector: one more product
    Hv = flat(torch.autograd.grad(g @ v, params))
    return float(v @ Hv)


def choose_momentum():
    lr = 8e-1
    return lr, 1 - 0.1


log(condition_number(torch.eye(2)))
