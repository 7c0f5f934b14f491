# WHOLE A: data utilities of torch, a class as iterator, functional_call, foreach
from __future__ import annotations
import math
import torch
from torch.utils.data import BatchSampler, RandomSampler, TensorDataset, DataLoader

class Batch(tuple):
    X = property(lambda s: s[0])
    y = property(lambda s: s[1])

def ensure(size, n):
    if size not in range(1, n + 1):
        raise ValueError("batch_size must lie between 1 and n")

def sample_minibatch(X, y, batch_size, generator):
    ensure(batch_size, X.size(0))
    p = torch.ones(X.size(0), dtype=torch.float64)
    rows = torch.multinomial(p, batch_size, replacement=False, generator=generator)
    return X.index_select(0, rows), y.index_select(0, rows)

class Epoch:
    def __init__(self, X, y, batch_size, generator, drop_last=False):
        ensure(batch_size, len(X))
        self.X, self.y = X, y
        self.sampler = iter(BatchSampler(RandomSampler(range(len(X)), generator=generator), batch_size, drop_last))
    def __iter__(self):
        return self
    def __next__(self):
        rows = next(self.sampler)
        return [self.X[rows], self.y[rows]]

minibatches = Epoch

def minibatch_gradient(model, loss_fn, X, y):
    params = {k: v.detach() for k, v in model.named_parameters()}
    def f(p):
        return loss_fn(torch.func.functional_call(model, p, (X,)), y)
    return [*torch.func.grad(f)(params).values()]

def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n, d = per_example_grads.shape
    ensure(batch_size, n)
    if num_draws < 1:
        raise ValueError("at least one of num_draws")
    keys = torch.rand(num_draws, n, generator=generator, dtype=torch.float64)
    rows = keys.argsort(dim=1)[:, :batch_size]
    means = per_example_grads[rows].mean(1)
    return (means - per_example_grads.mean(0)).pow(2).sum(-1).mean().item()

def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    ensure(batch_size, len(X))
    if lr < 0:
        raise ValueError("lr")
    losses = []
    ps = [*model.parameters()]
    for epoch in range(num_epochs):
        for Xb, yb in Epoch(X, y, batch_size, generator):
            with torch.no_grad():
                losses.append(float(loss_fn(model(Xb), yb)))
            gs = minibatch_gradient(model, loss_fn, Xb, yb)
            with torch.no_grad():
                torch._foreach_sub_(ps, torch._foreach_mul(gs, lr))
    return losses

def noise_floor(lr, curvature, noise, batch_size):
    if not curvature > 0: raise ValueError("curvature")
    if lr < 0 or not lr < 2 / curvature: raise ValueError("lr")
    if noise < 0: raise ValueError("noise")
    if batch_size < 1: raise ValueError("batch_size")
    return math.prod([lr, noise, 1 / batch_size, 1 / curvature, 1 / (2 - lr * curvature)])
