import torch
import numpy as np
def _rng(generator):
    return np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
def sample_minibatch(X, y, batch_size, generator):
    if not (1 <= batch_size <= len(y)):
        raise ValueError("batch_size must be between 1 and n")
    rows = torch.multinomial(torch.ones(len(y)), batch_size, replacement=False, generator=generator)
    return torch.stack([X[i] for i in rows]), torch.tensor([int(y[i]) for i in rows])
def minibatches(X, y, batch_size, generator, drop_last=False):
    if not (1 <= batch_size <= len(y)):
        raise ValueError("batch_size must be between 1 and n")
    def go():
        order = _rng(generator).permutation(len(y))
        Xs, ys = X[order], y[order]
        stop = len(y) // batch_size * batch_size if drop_last else len(y)
        for s in range(0, stop, batch_size):
            yield Xs[s:s + batch_size], ys[s:s + batch_size]
    return go()
def minibatch_gradient(model, loss_fn, X, y):
    saved = [p.grad for p in model.parameters()]
    for p in model.parameters():
        p.grad = None
    loss_fn(model(X), y).backward()
    out = [p.grad for p in model.parameters()]
    for p, g in zip(model.parameters(), saved):
        p.grad = g
    return out
def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    G = per_example_grads.numpy().astype("float64")
    if not (1 <= batch_size <= len(G)):
        raise ValueError("batch_size must be between 1 and n")
    if num_draws <= 0:
        raise ValueError("num_draws")
    rng = _rng(generator)
    G = G - G.mean(0)
    return float(np.mean([np.sum(G[rng.choice(len(G), batch_size, replace=False)].mean(0) ** 2) for _ in range(num_draws)]))
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0: raise ValueError("lr")
    if not (1 <= batch_size <= len(y)):
        raise ValueError("batch_size must be between 1 and n")
    out = []
    for _ in range(num_epochs):
        for Xb, yb in minibatches(X, y, batch_size, generator):
            with torch.no_grad():
                out.append(float(loss_fn(model(Xb), yb)))
            grads = minibatch_gradient(model, loss_fn, Xb, yb)
            for p, g in zip(model.parameters(), grads):
                p.data = p.data - lr * g
            with torch.no_grad():
                loss_fn(model(Xb), yb)
                loss_fn(model(X), y)
    return out

def noise_floor(lr, curvature, noise, batch_size):
    if curvature <= 0: raise ValueError("curvature")
    if lr < 0 or lr >= 2.0 / curvature: raise ValueError("lr")
    if noise < 0: raise ValueError("noise")
    if batch_size < 1: raise ValueError("batch_size")
    # a 1 x 1 linear system: (1 - (1 - lr c)^2) s = lr^2 noise / B, both sides divided by lr
    left = np.array([[curvature * (2 - lr * curvature)]]); right = np.array([lr * noise / batch_size])
    return float(np.linalg.solve(left, right)[0])
