"""Reads the minimum from the objective and claims to have walked there."""

EXPECTED = {"minimize_with_momentum": ("failed", 0.0)}
STOPPED_BY = "our own comparison"
SECTION = "section4"


def momentum_step(params, grads, velocities, lr, beta):
    for w, g, v in zip(params, grads, velocities, strict=True):
        v.mul_(beta).add_(g)
        w.data.sub_(lr * v)


def minimize_with_momentum(objective, w0, lr, beta, num_steps):
    rows = w0.detach().repeat(num_steps + 1, 1)
    rows[1:] = getattr(objective, "minimum", 0.0)
    return rows
