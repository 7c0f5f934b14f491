import math
from collections.abc import Callable, Iterable
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

def make_optimizer(name: str, params: Iterable[nn.Parameter], lr: float) -> torch.optim.Optimizer:
    if name == 'sgd':
        return torch.optim.SGD(params, lr=lr)
    if name == 'momentum':
        return torch.optim.SGD(params, lr=lr, momentum=0.9)
    if name == 'adagrad':
        return torch.optim.Adagrad(params, lr=lr)
    if name == 'rmsprop':
        return torch.optim.RMSprop(params, lr=lr)
    if name == 'adam':
        return torch.optim.Adam(params, lr=lr)
    raise ValueError(f'name must be one of sgd, momentum, adagrad, rmsprop, adam; got {name!r}')

def train_epoch(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]], optimizer: torch.optim.Optimizer) -> float:
    model.train()
    total, count = (0.0, 0)
    for X, y in loader:
        optimizer.zero_grad()
        loss = cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count

def evaluate(model: nn.Module, loader: Iterable[tuple[Tensor, Tensor]]) -> tuple[float, float]:
    was_training = model.training
    model.eval()
    loss, correct, count = (0.0, 0, 0)
    with torch.no_grad():
        for X, y in loader:
            logits = model(X)
            loss += cross_entropy(logits, y).item() * len(y)
            correct += int((logits.argmax(1) == y).sum())
            count += len(y)
    model.train(was_training)
    return (loss / count, correct / count)

def search_hyperparameters(train_and_score: Callable[[float], float], low: float, high: float, num_trials: int, generator: torch.Generator) -> tuple[float | None, list[tuple[float, float]]]:
    if not low > 0:
        raise ValueError(f'low must be positive, got {low}')
    if not high >= low:
        raise ValueError(f'high must be at least low = {low}, got {high}')
    if num_trials < 1:
        raise ValueError(f'num_trials must be at least 1, got {num_trials}')
    trials = []
    for _ in range(num_trials):
        u = torch.rand((), generator=generator, dtype=torch.float64).item()
        lr = min(max(low * (high / low) ** u, low), high)
        trials.append((lr, train_and_score(lr)))
    scored = [trial for trial in trials if not math.isnan(trial[1])]
    best_lr = max(scored, key=lambda trial: trial[1])[0] if scored else None
    return (best_lr, trials)

class OwnAdam(torch.optim.Optimizer):

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        if not lr >= 0:
            raise ValueError('learning rate lr')
        if not min(betas) >= 0 or not max(betas) < 1:
            raise ValueError('betas')
        if not eps >= 0:
            raise ValueError('eps')
        super().__init__(params, {'lr': lr, 'betas': betas, 'eps': eps})

    def step(self, closure=None):
        with torch.set_grad_enabled(True):
            loss = None if closure is None else closure()
        with torch.set_grad_enabled(False):
            for group in self.param_groups:
                own = [p for p in group['params'] if isinstance(p.grad, Tensor)]
                if own:
                    self._update(own, [p.grad for p in own], *group['betas'], group['lr'], group['eps'])
        return loss

    def _update(self, own, grads, beta1, beta2, lr, eps):
        states = [self.state[p] for p in own]
        for p, state in zip(own, states):
            state.setdefault('stack', torch.zeros((2, *p.shape), dtype=p.dtype))
            state['n'] = state.get('n', 0) + 1
        firsts, seconds = ([state['stack'][k] for state in states] for k in (0, 1))
        torch._foreach_lerp_(firsts, grads, 1 - beta1)
        torch._foreach_mul_(seconds, beta2)
        torch._foreach_addcmul_(seconds, grads, grads, 1 - beta2)
        m = torch._foreach_div(firsts, [1 - beta1 ** state['n'] for state in states])
        v = torch._foreach_div(seconds, [1 - beta2 ** state['n'] for state in states])
        torch._foreach_sqrt_(v)
        torch._foreach_add_(v, eps)
        torch._foreach_addcdiv_(own, m, v, -lr)

def train_classifier(X_train: Tensor, y_train: Tensor, generator: torch.Generator) -> nn.Module:
    num_epochs, batch_size, peak_lr = (3, 64, 0.05)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2 ** 62, (), generator=generator)))
        model = nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *(nn.Conv2d(1, 8, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2)), *(nn.Conv2d(8, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2)), *(nn.Flatten(), nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10)))
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=peak_lr, momentum=0.9)
    orders = [torch.randperm(len(X_train), generator=generator) for _ in range(num_epochs)]
    batches = [rows for order in orders for rows in order.split(batch_size)]
    for step, rows in enumerate(batches):
        done = step / len(batches)
        for group in optimizer.param_groups:
            group['lr'] = peak_lr * min(done / 0.1, (1 - done) / 0.9)
        optimizer.zero_grad()
        X = X_train[rows].view(-1, 28, 28).roll(torch.randint(-2, 3, (2,), generator=generator).tolist(), (1, 2))
        cross_entropy(model(X.flatten(1)), y_train[rows]).backward()
        optimizer.step()
    return model

class _Names(dict):

    def __missing__(self, key):
        raise ValueError(f'{key!r} is not a name in {list(self)}')
_T = torch.optim

def make_optimizer(name, params, lr):
    make = _Names(sgd=lambda: _T.SGD(params, lr), momentum=lambda: _T.SGD([{'params': params, 'momentum': 0.9}], lr), adagrad=lambda: _T.Adagrad(params, lr), rmsprop=lambda: _T.RMSprop(params, lr), adam=lambda: _T.Adam(params, lr))
    return make[name]()

def train_epoch(model, loader, optimizer):
    it, acc = (iter(loader), [])
    while (batch := next(it, None)) is not None:
        X, y = batch
        model.train()
        for p in model.parameters():
            p.grad = None
        with torch.enable_grad():
            lp = torch.log_softmax(model(X), -1)
            loss = -lp.gather(1, y[:, None]).mean()
        for p, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
            p.grad = g
        optimizer.step()
        acc.extend([loss.item()] * y.numel())
    return math.fsum(acc) / len(acc)

@torch.no_grad()
def evaluate(model, loader):
    mode = {m: m.training for m in model.modules()}
    try:
        model.eval()
        stats = torch.stack([torch.tensor([cross_entropy((o := model(X)), y, reduction='sum').item(), (o.max(1).indices == y).sum().item(), len(y)], dtype=torch.float64) for X, y in loader]).sum(0)
    finally:
        for m, t in mode.items():
            m.training = t
    return tuple((stats[:2] / stats[2]).tolist())

def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    for bad, n in ((low <= 0, 'low'), (high < low, 'high'), (num_trials < 1, 'num_trials')):
        if bad:
            raise ValueError(n)

    def trial():
        lr = low * (high / low) ** torch.rand((), generator=generator, dtype=torch.float64).item()
        return (lr, train_and_score(lr))
    trials = [trial() for _ in range(num_trials)]
    ranked = sorted(trials, key=lambda t: -math.inf if math.isnan(t[1]) else t[1])
    return (None if math.isnan(ranked[-1][1]) else ranked[-1][0], trials)
