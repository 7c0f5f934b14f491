import torch
from torch.utils.data import DataLoader, TensorDataset
import torch.optim
import numpy as np
import copy
def sample_minibatch(X, y, batch_size, generator):
    if batch_size < 1 or batch_size > X.shape[0]:
        raise ValueError(f"bad batch_size {batch_size}")
    keys = torch.rand(X.shape[0], generator=generator, dtype=torch.float64)
    idx = keys.argsort()[:batch_size].sort().values
    return X.index_select(0, idx), y.index_select(0, idx)
def minibatches(X, y, batch_size, generator, drop_last=False):
    if batch_size < 1 or batch_size > X.shape[0]:
        raise ValueError(f"bad batch_size {batch_size}")
    return iter(DataLoader(TensorDataset(X, y), batch_size=batch_size, shuffle=True, generator=generator, drop_last=drop_last))
def minibatch_gradient(model, loss_fn, X, y):
    twin = copy.deepcopy(model)
    twin.zero_grad()
    loss_fn(twin(X), y).backward()
    return [p.grad for p in twin.parameters()]
def gradient_noise(per_example_grads, batch_size, num_draws, generator):
    n = per_example_grads.shape[0]
    if batch_size < 1 or batch_size > n:
        raise ValueError("batch_size")
    if num_draws < 1:
        raise ValueError("num_draws")
    idx = torch.rand(num_draws, n, generator=generator).argsort(1)[:, :batch_size]
    means = per_example_grads[idx].mean(1)
    return (means - per_example_grads.mean(0, keepdim=True)).pow(2).sum(1).mean().item()
def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    if lr < 0:
        raise ValueError("lr")
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    if batch_size < 1 or batch_size > X.shape[0]:
        raise ValueError(f"bad batch_size {batch_size}")
    model.train()
    losses = []
    for _ in range(num_epochs):
        for Xb, yb in DataLoader(TensorDataset(X, y), batch_size=batch_size, shuffle=True, generator=generator):
            optimizer.zero_grad()
            loss = loss_fn(model(Xb), yb)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses

def noise_floor(lr, curvature, noise, batch_size):
    if curvature <= 0: raise ValueError("curvature")
    if not 0 <= lr * curvature < 2: raise ValueError("lr")
    if noise < 0: raise ValueError("noise")
    if batch_size < 1: raise ValueError("batch_size")
    return float(np.float64(lr) * noise / (np.float64(batch_size) * curvature * (2 - lr * curvature)))
