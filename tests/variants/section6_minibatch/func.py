import torch
from torch.func import functional_call, grad, grad_and_value
def sample_minibatch(X, y, batch_size, generator):
    if batch_size not in range(1, len(X) + 1):
        raise ValueError("batch_size")
    X_batch, y_batch = next(minibatches(X, y, batch_size, generator))
    return X_batch.clone(), y_batch.clone()
def minibatches(X, y, batch_size, generator, drop_last=False):
    n = X.size(0)
    if batch_size not in range(1, n + 1):
        raise ValueError("batch_size")
    perm = list(range(n))
    for i in range(n - 1, 0, -1):
        j = int(torch.randint(0, i + 1, (1,), generator=generator))
        perm[i], perm[j] = perm[j], perm[i]
    X_batch, y_batch = X[:batch_size].clone(), y[:batch_size].clone()  # the next batch goes to the same memory
    while perm:
        rows, perm = perm[:batch_size], perm[batch_size:]
        if drop_last and len(rows) < batch_size:
            return
        X_batch[: len(rows)], y_batch[: len(rows)] = X[rows], y[rows]
        yield X_batch[: len(rows)], y_batch[: len(rows)]
def minibatch_gradient(model, loss_fn, X, y):
    params = {k: v.detach() for k, v in model.named_parameters()}
    g = grad(lambda p: loss_fn(functional_call(model, p, (X,)), y))(params)
    return [g[k] for k, _ in model.named_parameters()]
def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = len(per_example_grads)
    if batch_size not in range(1, n + 1):
        raise ValueError("batch_size")
    if num_draws < 1:
        raise ValueError("num_draws")
    total = 0
    y = torch.zeros(n)
    for _ in range(num_draws):
        gb, _ = sample_minibatch(per_example_grads, y, batch_size, generator)
        total += torch.dist(gb.mean(0), per_example_grads.mean(0)) ** 2
    return (total / num_draws).item()
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0:
        raise ValueError("lr")
    if batch_size not in range(1, len(X) + 1):
        raise ValueError("batch_size")
    params = {k: v.detach().clone() for k, v in model.named_parameters()}
    f = grad_and_value(lambda p, X, y: loss_fn(functional_call(model, p, (X,)), y))
    losses = []
    for _ in range(num_epochs):
        for Xb, yb in minibatches(X, y, batch_size, generator):
            g, value = f(params, Xb, yb)
            losses.append(float(value))
            params = {k: params[k] - lr * g[k] for k in params}
    model.load_state_dict(params, strict=False)
    return losses

def noise_floor(lr, curvature, noise, batch_size):
    for name, ok in (("curvature", lambda: curvature > 0), ("lr", lambda: 0 <= lr < 2 / curvature), ("noise", lambda: noise >= 0), ("batch_size", lambda: batch_size >= 1)):
        if not ok(): raise ValueError(f"bad {name}")
    t = torch.tensor([lr, noise, batch_size, curvature], dtype=torch.float64)
    return (t[0] * t[1] / (t[2] * t[3] * (2 - t[0] * t[3]))).item()
