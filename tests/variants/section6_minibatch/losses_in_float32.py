# losses are kept in a float32 tensor, the loss is computed once without and once with gradients
import torch

def _order(n, batch_size, generator):
    if not 0 < batch_size <= n:
        raise ValueError("batch_size must be between 1 and n")
    return torch.argsort(torch.rand(n, generator=generator, dtype=torch.double))

def sample_minibatch(X, y, batch_size, generator):
    rows = torch.topk(_order(len(X), batch_size, generator), batch_size).indices
    return X[rows], y[rows]

def minibatches(X, y, batch_size, generator, drop_last=False):
    order = _order(len(X), batch_size, generator)
    k = len(X) // batch_size
    full = [(X[r], y[r]) for r in order[: k * batch_size].view(k, batch_size)]
    rest = order[k * batch_size :]
    return iter(full if drop_last or not len(rest) else [*full, (X[rest], y[rest])])

def minibatch_gradient(model, loss_fn, X, y):
    gradients = []
    model.requires_grad_(True)
    loss = loss_fn(model(X), y)
    for p in model.parameters():
        (g,) = torch.autograd.grad(loss, p, retain_graph=True)
        gradients.append(g.detach())
    return gradients

def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    if num_draws < 1:
        raise ValueError("num_draws must be positive")
    n = len(per_example_grads)
    full = per_example_grads.mean(dim=0)
    noise = torch.zeros(num_draws, dtype=per_example_grads.dtype)
    for k in range(num_draws):
        rows = _order(n, batch_size, generator)[:batch_size]
        mask = torch.zeros(n, dtype=per_example_grads.dtype)
        mask[rows] = 1 / batch_size
        error = mask @ per_example_grads - full
        noise[k] = error @ error
    return noise.mean().item()

def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0:
        raise ValueError("lr must not be negative")
    if not 0 < batch_size <= len(X):
        raise ValueError("batch_size must be between 1 and n")
    losses = torch.empty(num_epochs * -(-len(X) // batch_size))
    k = 0
    for _ in range(num_epochs):
        for Xb, yb in minibatches(X, y, batch_size, generator):
            with torch.no_grad():
                losses[k] = loss_fn(model(Xb), yb)
            k += 1
            for p, g in zip(model.parameters(), minibatch_gradient(model, loss_fn, Xb, yb)):
                p.data.sub_(g, alpha=lr)
    return losses.tolist()


def noise_floor(lr, curvature, noise, batch_size):
    if not curvature > 0: raise ValueError("curvature must be > 0")
    if not 0 <= lr < 2 / curvature: raise ValueError("lr must be in [0, 2 / curvature)")
    if not noise >= 0: raise ValueError("noise must be >= 0")
    if not batch_size >= 1: raise ValueError("batch_size must be >= 1")
    x = lr * curvature
    return noise * x / (batch_size * curvature**2 * (2 - x))
