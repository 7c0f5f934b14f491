# one example at a time: losses and gradients are averaged by hand
import torch

def _check(batch_size, n):
    if batch_size < 1 or batch_size > n:
        raise ValueError(f"batch_size is {batch_size}, n is {n}")

def sample_minibatch(X, y, batch_size, generator):
    _check(batch_size, len(X))
    rows, out = list(range(len(X))), []
    for _ in range(batch_size):
        out.append(rows.pop(int(torch.randint(len(rows), (1,), generator=generator))))
    return torch.stack([X[r] for r in out]), torch.stack([y[r] for r in out])

def minibatches(X, y, batch_size, generator, drop_last=False):
    _check(batch_size, len(X))
    rows = list(range(len(X)))
    batch = []
    while rows:
        batch.append(rows.pop(int(torch.randint(len(rows), (1,), generator=generator))))
        if len(batch) == batch_size:
            yield X[batch], y[batch]
            batch = []
    if batch and not drop_last:
        yield X[batch], y[batch]

def minibatch_gradient(model, loss_fn, X, y):
    total = None
    for i in range(len(X)):
        g = torch.autograd.grad(loss_fn(model(X[i:i + 1]), y[i:i + 1]), tuple(model.parameters()))
        total = list(g) if total is None else [a + b for a, b in zip(total, g)]
    return [t / len(X) for t in total]

def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = len(per_example_grads)
    _check(batch_size, n)
    if num_draws < 1:
        raise ValueError("num_draws")
    mean, results = per_example_grads.mean(0), []
    for _ in range(num_draws):
        rows, batch = list(range(n)), []
        for _ in range(batch_size):
            batch.append(rows.pop(int(torch.randint(len(rows), (1,), generator=generator))))
        results.append((per_example_grads[batch].mean(0) - mean).norm().item() ** 2)
    return sum(results) / len(results)

def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0:
        raise ValueError("lr")
    _check(batch_size, len(X))
    losses = []
    for _ in range(num_epochs):
        for Xb, yb in minibatches(X, y, batch_size, generator):
            model.zero_grad()
            loss = 0.0
            for i in range(len(yb)):
                one = loss_fn(model(Xb[i:i + 1]), yb[i:i + 1]) / len(yb)
                one.backward()
                loss += one.item()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
            losses.append(loss)
    return losses


def noise_floor(lr, curvature, noise, batch_size):
    if curvature <= 0: raise ValueError("curvature <= 0")
    if lr < 0 or lr >= 2 / curvature: raise ValueError("lr out of range")
    if noise < 0: raise ValueError("noise < 0")
    if batch_size < 1: raise ValueError("batch_size < 1")
    numerator = float(lr) * float(noise)
    denominator = 2 * curvature * batch_size - batch_size * lr * curvature * curvature
    return numerator / denominator
