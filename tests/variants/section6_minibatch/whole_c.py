# WHOLE C: lazy errors, yield from, flat vectors, mask
import itertools, operator, typing
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters

def _validate(batch_size, n):
    assert_ = 1 <= batch_size <= n
    if not assert_:
        class BatchSizeError(ValueError):
            pass
        raise BatchSizeError(f"batch_size={batch_size!r} is not in [1, {n}]")

def _order(n, generator):
    rows = list(range(n))
    for i in range(n - 1, 0, -1):
        j = torch.randint(i + 1, (1,), generator=generator).item()
        rows[i], rows[j] = rows[j], rows[i]
    return rows

def sample_minibatch(X, y, batch_size, generator, **kwargs):
    _validate(batch_size, len(X))
    mask = torch.zeros(len(X), dtype=torch.bool)
    mask[_order(len(X), generator)[:batch_size]] = True
    return X[mask], y[mask]

def minibatches(X, y, batch_size, generator, drop_last=False, shuffle=True):
    _validate(batch_size, len(X))
    it = iter(_order(len(X), generator))
    def chunks():
        while rows := list(itertools.islice(it, batch_size)):
            if drop_last and len(rows) < batch_size:
                return
            yield X[rows].clone(), y[rows].clone()
    yield from chunks()

def minibatch_gradient(model, loss_fn, X, y):
    params = tuple(model.parameters())
    flat, sizes = parameters_to_vector(params).detach(), [p.numel() for p in params]
    g = torch.autograd.grad(loss_fn(model(X), y), params, materialize_grads=True)
    v = torch.cat([a.flatten() for a in g])
    return [c.reshape(p.shape) for c, p in zip(v.split(sizes), params)]

def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    _validate(batch_size, len(per_example_grads))
    if num_draws < 1: raise ValueError("num_draws")
    full = torch.mean(per_example_grads, dim=0)
    labels = torch.zeros(len(per_example_grads), dtype=torch.int64)
    def one():
        b, _ = sample_minibatch(per_example_grads, labels, batch_size, generator)
        return torch.linalg.vector_norm(b.mean(0) - full).item() ** 2
    return sum(one() for _ in range(num_draws)) / num_draws

def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    _validate(batch_size, len(X))
    if not lr >= 0: raise ValueError("lr must not be negative")
    params = list(model.parameters())
    losses: list[float] = []
    for Xb, yb in itertools.chain.from_iterable(minibatches(X, y, batch_size, generator) for _ in range(num_epochs)):
        loss = loss_fn(model(Xb), yb)
        losses += [loss.tolist()]
        g = torch.autograd.grad(loss, params)
        v = parameters_to_vector(params).detach() - lr * parameters_to_vector(g)
        vector_to_parameters(v, params)
    return losses

def noise_floor(lr, curvature, noise, batch_size):
    checks = [("curvature", curvature > 0), ("lr", lr >= 0 and operator.lt(lr * max(curvature, 0), 2)), ("noise", noise >= 0), ("batch_size", batch_size >= 1)]
    bad = next((name for name, fine in checks if not fine), None)
    if bad: raise ValueError(bad)
    return operator.truediv(lr * noise, batch_size * (2 * curvature - lr * curvature ** 2))
