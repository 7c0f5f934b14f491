"""Rows by sorted keys, an iterator class without yield, gradients summed by a hook, errors that are subclasses."""
from __future__ import annotations
import dataclasses
import statistics
from typing import Any, Callable, Optional, Protocol
import torch
from torch import Tensor, nn


class OutOfRange(ValueError):
    def __init__(self, name: str, value: Any, low: int, high: Optional[int] = None) -> None:
        super().__init__(f"{name} = {value} is not in [{low}, {'...' if high is None else high}]")


def require(name, value, low, high=None):
    if value != value or value < low or (high is not None and value > high):
        raise OutOfRange(name, value, low, high)


class Loss(Protocol):
    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor: ...


def shuffled(n: int, generator: torch.Generator, k: Optional[int] = None) -> Tensor:
    keys = torch.empty(n, dtype=torch.float64).exponential_(generator=generator)
    return torch.argsort(keys) if k is None else torch.topk(keys, k, largest=False, sorted=False).indices


def sample_minibatch(X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    n = X.shape[0]
    if len(y) != n:
        raise ValueError("X and y must have equally many rows")
    require("batch_size", batch_size, 1, n)
    rows = shuffled(n, generator, batch_size)
    return torch.index_select(X, 0, rows), torch.take(y, rows)


@dataclasses.dataclass
class _Epoch:
    X: Tensor
    y: Tensor
    batch_size: int
    generator: dataclasses.InitVar[torch.Generator]
    drop_last: bool = False
    position: int = 0

    def __post_init__(self, generator):
        require("batch_size", self.batch_size, 1, len(self.X))
        self.rows = shuffled(len(self.X), generator)

    def __iter__(self):
        return self

    def __next__(self) -> tuple[Tensor, Tensor]:
        rows = self.rows[self.position:self.position + self.batch_size]
        self.position += self.batch_size
        if len(rows) == 0 or (self.drop_last and len(rows) < self.batch_size):
            raise StopIteration
        return self.X[rows], self.y[rows]


def minibatches(*args, **kwargs):
    return _Epoch(*args, **kwargs)


def minibatch_gradient(model: nn.Module, loss_fn: Loss, X: Tensor, y: Tensor) -> list[Tensor]:
    params = list(model.parameters())
    before = [(p, p.grad) for p in params]
    for p in params:
        p.grad = None
    try:
        loss_fn(model(X), y).backward()
        return [p.grad.detach().clone() for p in params]
    finally:
        for p, grad in before:
            p.grad = grad


def gradient_noise(per_example_grads: Tensor, batch_size: int, num_draws: int, generator: torch.Generator) -> float:
    n = per_example_grads.size(0)
    require("batch_size", batch_size, 1, n)
    require("num_draws", num_draws, 1)
    G = per_example_grads.double()
    gram = (G - G.mean(0)) @ (G - G.mean(0)).mT  # ||sum of rows||^2 is a sum over the Gram matrix
    distances = []
    for _ in range(num_draws):
        mask = torch.zeros(n, dtype=gram.dtype)
        mask[shuffled(n, generator, batch_size)] = 1 / batch_size
        distances.append(torch.einsum("i,ij,j->", mask, gram, mask).item())
    return statistics.fmean(distances)


def sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator):
    require("lr", lr, 0)
    require("batch_size", batch_size, 1, len(X))
    history: list[float] = []

    def keep(outputs, targets):
        loss = loss_fn(outputs, targets)
        history.append(loss.item())
        return loss

    for _ in range(num_epochs):
        for batch in minibatches(X, y, batch_size, generator):
            grads = minibatch_gradient(model, keep, *batch)
            with torch.no_grad():
                for w, g in zip(model.parameters(), grads):
                    w.copy_(w.sub(g, alpha=lr))
    return history


print(_Epoch(torch.zeros(4, 1), torch.zeros(4), 3, torch.Generator()).batch_size)


def noise_floor(lr: float, curvature: float, noise: float, batch_size: int) -> float:
    if not curvature > 0:
        raise OutOfRange("curvature", curvature, 0)
    if not (lr >= 0 and lr < 2 / curvature):
        raise OutOfRange("lr", lr, 0)
    if not noise >= 0:
        raise OutOfRange("noise", noise, 0)
    if not batch_size >= 1:
        raise OutOfRange("batch_size", batch_size, 0)
    per_step = lr * noise / batch_size
    return per_step / (curvature * (2.0 - lr * curvature))
