# WHOLE A: Sequential subclass, decorators, named helpers
"""My hand-in."""
from __future__ import annotations
import functools, math, contextlib
from typing import Any, NamedTuple
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

PIXELS = 28 * 28
print("loading section 2")

def logged(f):
    @functools.wraps(f)
    def g(*args, **kwargs):
        print("calling", f.__name__)
        return f(*args, **kwargs)
    return g

@logged
def normalize_images(images: torch.Tensor, mean: float = 0.1307, std: float = 0.3081, *, clip: bool = False):
    if std <= 0:
        raise ValueError("std must be positive")
    table = ((np.arange(256) / 255.0 - mean) / std).astype(np.float32)
    return torch.from_numpy(table[images.numpy()].reshape(images.shape[0], PIXELS))

class Layer(nn.Linear):
    def reset_parameters(self):
        nn.init.kaiming_normal_(self.weight); nn.init.normal_(self.bias)

class MLP(nn.Sequential):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10):
        mods = [nn.Flatten()]
        prev = in_dim
        for h in hidden_dims:
            mods += [Layer(prev, h), nn.ReLU(inplace=True)]
            prev = h
        super().__init__(*mods, Layer(prev, out_dim))

@logged
def log_softmax(logits):
    top, _ = logits.max(dim=-1, keepdim=True)
    top = top.detach()
    shifted = logits - top
    return shifted - shifted.exp().sum(dim=-1, keepdim=True).log()

@logged
def cross_entropy(logits, targets):
    return F.nll_loss(log_softmax(logits), targets)

@contextlib.contextmanager
def evaluating(model):
    modes = {m: m.training for m in model.modules()}
    try:
        model.eval()
        yield model
    finally:
        for m, t in modes.items():
            m.training = t

@logged
@torch.inference_mode()
def empirical_risk(model, loss_fn, X, y, batch_size=None):
    n = X.shape[0]
    if batch_size is None:
        batch_size = n
    elif batch_size < 1 or batch_size > n:
        raise ValueError("The batch_size is bad")
    with evaluating(model) as m:
        data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X, y), batch_size=batch_size)
        parts = [(loss_fn(m(a), b).double() * len(b)) for a, b in data]
    return torch.stack(parts).sum().div(n).item()

@logged
def accuracy(logits, targets):
    return np.mean(logits.detach().numpy().argmax(-1) == targets.numpy())

if __name__ == "__main__":
    raise SystemExit("never")
