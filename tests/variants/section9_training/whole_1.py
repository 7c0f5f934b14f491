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
        for name, value, most in (('lr', lr, math.inf), ('betas', betas[0], 1), ('betas', betas[1], 1), ('eps', eps, math.inf)):
            if value < 0 or value >= most:
                raise ValueError(f'{name}: {value}')
        super().__init__(params, {'lr': lr, 'betas': betas, 'eps': eps})

    def add_param_group(self, group):
        super().add_param_group(group)
        for p in self.param_groups[-1]['params']:
            self.state[p] = {'t': 0, 'moments': [torch.zeros_like(p.data), torch.zeros_like(p.data)]}

    def step(self, closure=None):
        loss = closure() if closure else None
        for group in self.param_groups:
            for p in group['params']:
                if p.grad is not None:
                    self.move(p.data.numpy(), p.grad.numpy(), self.state[p], **{k: group[k] for k in ('lr', 'betas', 'eps')})
        return loss

    def move(self, w, g, state, lr, betas, eps):
        state['t'] += 1
        hats = []
        for moment, beta, value in zip(state['moments'], betas, (g, g * g)):
            m = moment.numpy()
            m *= beta
            m += (1 - beta) * value
            hats.append(m / (1 - beta ** state['t']))
        w -= (lr * hats[0] / (hats[1] ** 0.5 + eps)).astype(w.dtype)

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

def make_optimizer(name, params, lr):
    table = {'sgd': (torch.optim.SGD, dict(momentum=0, dampening=0, weight_decay=0, nesterov=False)), 'momentum': (torch.optim.SGD, {'momentum': 0.9}), 'adagrad': (torch.optim.Adagrad, dict(eps=1e-10)), 'rmsprop': (torch.optim.RMSprop, dict(alpha=0.99, eps=1e-08)), 'adam': (torch.optim.Adam, dict(betas=(0.9, 0.999), eps=1e-08, foreach=True))}
    try:
        cls, kw = table[name]
    except KeyError:
        raise ValueError(f"name {name}: choose from {', '.join(table)}") from None
    return cls(list(params), lr=lr, **kw)

def train_epoch(model, loader, optimizer):
    model.train()
    losses = []
    for X, y in loader:

        def closure():
            optimizer.zero_grad(set_to_none=False)
            each = cross_entropy(model(X), y, reduction='none')
            losses.append(each.detach())
            each.mean().backward()
            return each.mean()
        optimizer.step(closure)
    return torch.cat(losses).mean().item()

def evaluate(model, loader):
    was = model.training
    model.eval()
    with torch.inference_mode():
        L, Y = map(torch.cat, zip(*[(model(X), y) for X, y in loader]))
        out = (cross_entropy(L, Y).item(), (L.argmax(dim=-1) == Y).float().mean().item())
    model.train(was)
    return out

def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if low <= 0:
        raise ValueError('low')
    if high < low:
        raise ValueError('high')
    if num_trials < 1:
        raise ValueError('num_trials')
    lrs = torch.empty(num_trials).uniform_(math.log(low), math.log(high), generator=generator).exp().tolist()
    trials = [(lr, train_and_score(lr)) for lr in lrs]
    good = [t for t in trials if t[1] == t[1]]
    return (max(good, key=lambda t: t[1])[0] if good else None, trials)
