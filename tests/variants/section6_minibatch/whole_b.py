# WHOLE B: random.Random, numpy, deepcopy, a list instead of an iterator
import collections, copy, random
import numpy as np
import torch
from torch import nn

Batch = collections.namedtuple("Batch", "X y")

def rng(generator):
    return random.Random(int(torch.randint(2**62, (), generator=generator)))

def sample_minibatch(X, y, batch_size, generator):
    if batch_size <= 0 or batch_size > len(y):
        raise ValueError(f"bad batch_size {batch_size}")
    rows = rng(generator).sample(range(len(y)), batch_size)
    return Batch(torch.stack([X[i] for i in rows]), torch.stack([y[i] for i in rows]))

def minibatches(X, y, batch_size, generator, drop_last=False):
    if batch_size <= 0 or batch_size > len(y):
        raise ValueError(f"bad batch_size {batch_size}")
    order = list(range(len(y)))
    rng(generator).shuffle(order)
    Xs, ys = X[order], y[order]
    stop = len(y) - len(y) % batch_size if drop_last else len(y)
    return [Batch(Xs[i:i + batch_size], ys[i:i + batch_size]) for i in range(0, stop, batch_size)]

def minibatch_gradient(model, loss_fn, X, y):
    twin = copy.deepcopy(model)
    twin.zero_grad(set_to_none=True)
    loss_fn(twin(X), y).backward()
    return [p.grad for p in twin.parameters()]

def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    G = per_example_grads.numpy()
    n = len(G)
    if batch_size <= 0 or batch_size > n:
        raise ValueError(f"bad batch_size {batch_size}")
    if num_draws <= 0:
        raise ValueError(f"bad num_draws {num_draws}")
    r = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
    G = G - G.mean(axis=0)
    return np.mean([np.sum(G[r.choice(n, batch_size, replace=False)].mean(axis=0) ** 2) for _ in range(num_draws)]).astype(float)

def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0:
        raise ValueError("lr is negative")
    if batch_size <= 0 or batch_size > len(y):
        raise ValueError(f"bad batch_size {batch_size}")
    model.train()
    def step(Xb, yb):
        model.zero_grad()
        loss = loss_fn(model(Xb), yb)
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        return loss.item()
    return [step(*b) for _ in range(num_epochs) for b in minibatches(X, y, batch_size, generator)]

def noise_floor(lr, curvature, noise, batch_size):
    if curvature <= 0: raise ValueError("curvature must be positive")
    if lr < 0 or lr >= 2 / curvature: raise ValueError("lr outside its range")
    if noise < 0: raise ValueError("noise must not be negative")
    if batch_size < 1: raise ValueError("batch_size too small")
    temperature = lr * noise / batch_size
    return 0.0 if temperature == 0 else temperature / (2 * curvature) / (1 - lr * curvature / 2)
