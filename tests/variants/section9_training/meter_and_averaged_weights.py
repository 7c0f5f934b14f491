# one class that measures, getattr for the optimizers, lazy trials, an exponential average of the weights
from __future__ import annotations
import dataclasses
import functools
import torch
from torch import nn
from torch.nn.functional import cross_entropy

SPECS = """
sgd     SGD
momentum SGD momentum=0.9
adagrad Adagrad
rmsprop RMSprop
adam    Adam
"""
OPTIMIZERS = {name: (kind, {k: float(v) for k, v in (s.split("=") for s in settings)}) for name, kind, *settings in map(str.split, SPECS.split("\n")[1:-1])}


def make_optimizer(name, params, lr):
    if name not in OPTIMIZERS:
        raise ValueError("name: one of " + ", ".join(OPTIMIZERS) + f", please, not {name}")
    kind, settings = OPTIMIZERS[name]
    return functools.partial(getattr(torch.optim, kind), **settings)(params=params, lr=lr)


@dataclasses.dataclass
class Meter:
    loss: float = 0.0
    right: int = 0
    seen: int = 0

    def __call__(self, logits, y, loss):
        self.loss += (float(loss) - self.loss) * len(y) / (self.seen + len(y))  # a running mean
        self.right += sum(a == b for a, b in zip(logits.max(dim=1).indices.tolist(), y.tolist()))
        self.seen += len(y)


def train_epoch(model, loader, optimizer):
    meter = Meter()
    model.train(True)
    for _, (X, y) in enumerate(loader):
        optimizer.zero_grad()
        logits = model(X)
        loss = cross_entropy(logits, y, reduction="sum") / y.size(0)
        loss.backward()
        meter(logits, y, loss.detach())
        optimizer.step()
        optimizer.zero_grad()
    return meter.loss


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    meter = Meter()
    try:
        for module in modes:
            module.training = False
        with torch.set_grad_enabled(False):
            for X, y in loader:
                logits = model(X)
                meter(logits, y, cross_entropy(logits, y))
    finally:
        for module, mode in modes.items():
            module.training = mode
    return meter.loss, meter.right / meter.seen


def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if low <= 0: raise ValueError("low must be above 0")
    if high < low: raise ValueError("high must not be below low")
    if num_trials < 1: raise ValueError("num_trials must be 1 or more")
    exponents = torch.rand(num_trials, generator=generator, dtype=torch.float64)
    rates = torch.lerp(torch.tensor(low, dtype=torch.float64).log(), torch.tensor(high, dtype=torch.float64).log(), exponents).exp()
    rates = rates.clamp(low, high)
    trials = list(zip(rates.tolist(), map(train_and_score, rates.tolist())))
    best = functools.reduce(lambda a, b: b if a is None or b[1] > a[1] else a, (t for t in trials if t[1] == t[1]), None)
    return best and best[0], trials


def _checked(lr, betas, eps):
    if lr < 0: raise ValueError("lr must not be negative")
    if any(b < 0 or b >= 1 for b in betas): raise ValueError("both betas must be in [0, 1)")
    if eps < 0: raise ValueError("eps must not be negative")
    return {"lr": lr, "betas": betas, "eps": eps}


class OwnAdam(torch.optim.Optimizer):
    """State in tuples that each step replaces, settings by zip, a closure through a decorated call."""

    def __init__(self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
        super().__init__(params, _checked(lr, betas, eps))

    def _due(self):
        for group in self.param_groups:
            yield from ((p, group) for p in filter(lambda p: p.grad is not None, group["params"]))

    def step(self, closure=None):
        loss = torch.enable_grad()(closure)() if closure is not None else None
        for p, group in self._due():
            (b1, b2), g = group["betas"], p.grad.detach()
            n, m, v = self.state[p].get("adam", (0, 0.0, 0.0))
            n, m, v = n + 1, b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g.square()
            self.state[p]["adam"] = n, m, v
            p.data = p.data - group["lr"] * m / (1 - b1**n) / (v.div(1 - b2**n).pow(0.5) + group["eps"])
        return loss


def train_classifier(X_train, y_train, generator, num_epochs=3, batch_size=100):
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(torch.randint(10**9, (), generator=generator).item())
        live = nn.Sequential(
            nn.Unflatten(-1, (1, 28, 28)),
            nn.Conv2d(1, 16, 4, stride=2), nn.LeakyReLU(0.1),
            nn.Conv2d(16, 32, 3), nn.LeakyReLU(0.1), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(800, 100), nn.LeakyReLU(0.1), nn.Linear(100, 10),
        )
    slow = torch.optim.swa_utils.AveragedModel(live, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995))
    opt = torch.optim.AdamW(live.parameters(), lr=2e-3, weight_decay=0.02)
    steps = num_epochs * (1 + (len(X_train) - 1) // batch_size)
    plan = torch.optim.lr_scheduler.LambdaLR(opt, lambda t: min(1.0, 2 * (1 - t / (steps + 1))))
    for _ in range(num_epochs):
        order = torch.randperm(len(X_train), generator=generator)
        for start in range(0, len(order), batch_size):
            rows = order[start:start + batch_size]
            X, y = X_train[rows].view(-1, 28, 28), y_train[rows]
            dx, dy = (torch.randint(-2, 3, (2,), generator=generator)).tolist()
            X = X.roll((dy, dx), (1, 2)).flatten(1)  # the margin is empty anyway
            opt.zero_grad(set_to_none=True)
            cross_entropy(live(X), y).backward()
            opt.step()
            slow.update_parameters(live)
            plan.step()
    return slow.module


if __name__ == "__main__":
    print(evaluate(train_classifier(torch.zeros(4, 784), torch.arange(4), torch.Generator()), [(torch.zeros(4, 784), torch.arange(4))]))
