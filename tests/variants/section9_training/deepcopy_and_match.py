"""A match, a model that is copied to be measured, numpy draws, batch normalisation with a one-cycle schedule of OwnAdam."""
import copy
import math
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

def make_optimizer(name, params, lr):
    match name:
        case 'sgd':
            return torch.optim.SGD(params, lr=lr)
        case 'momentum':
            return torch.optim.SGD(params, lr=lr, momentum=0.9)
        case 'adagrad':
            return torch.optim.Adagrad(params, lr=lr)
        case 'rmsprop':
            return torch.optim.RMSprop(params, lr=lr)
        case 'adam':
            return torch.optim.Adam(params, lr=lr)
    raise ValueError('unknown name; use SGD, Momentum, Adagrad, RMSprop or Adam')

def train_epoch(model, loader, optimizer):
    model.train()
    total, n = (torch.tensor(0.0), 0)
    for X, y in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(X), y)
        loss.backward()
        optimizer.step()
        total += loss.detach() * X.shape[0]
        n += X.shape[0]
    return (total / n).item()

def evaluate(model, loader):
    frozen = copy.deepcopy(model).eval()
    total, right, n = (torch.zeros(()), torch.zeros(()), 0)
    with torch.no_grad():
        for X, y in loader:
            logits = frozen(X)
            total += nn.CrossEntropyLoss(reduction='sum')(logits, y)
            right += (logits.argmax(1) == y).float().sum()
            n += len(y)
    return (float(total / n), float(right / n))

def search_hyperparameters(train_and_score, low, high, num_trials, generator):
    if not low > 0:
        raise ValueError('low <= 0')
    if not high >= low:
        raise ValueError('high < low'.replace('low', 'l'))
    if num_trials <= 0:
        raise ValueError('num_trials')
    rng = np.random.default_rng(torch.randint(2 ** 63 - 1, (1,), generator=generator).item())
    trials, best = ([], (None, math.nan))
    for _ in range(num_trials):
        lr = float(10 ** rng.uniform(np.log10(low), np.log10(high)))
        score = float(train_and_score(lr))
        trials.append((lr, score))
        if not math.isnan(score) and (not score <= best[1]):
            best = (lr, score)
    return (best[0], trials)

class OwnAdam(torch.optim.Optimizer):

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        match lr, *betas, eps:
            case _, b1, b2, _ if not (0.0 <= b1 < 1.0 and 0.0 <= b2 < 1.0):
                raise ValueError(f'Invalid betas: {betas}')
            case (rate, _, _, _) if rate < 0.0:
                raise ValueError(f'Invalid lr: {rate}')
            case _, _, _, small if small < 0.0:
                raise ValueError(f'Invalid eps: {small}')
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            b1, b2 = group['betas']
            for p in (p for p in group['params'] if p.grad is not None):
                state = self.state[p]
                if len(state) == 0:
                    state['step'] = torch.zeros(())
                    state['exp_avg'] = torch.zeros_like(p, memory_format=torch.preserve_format)
                    state['exp_avg_sq'] = torch.zeros_like(p, memory_format=torch.preserve_format)
                state['step'] += 1
                t = state['step'].item()
                state['exp_avg'].lerp_(p.grad, 1 - b1)
                state['exp_avg_sq'].mul_(b2).addcmul_(p.grad, p.grad.conj(), value=1 - b2)
                denominator = (state['exp_avg_sq'].sqrt() / math.sqrt(1 - b2 ** t)).add_(group['eps'])
                p.addcdiv_(state['exp_avg'], denominator, value=-group['lr'] / (1 - b1 ** t))
        return loss

class Digits(nn.Module):
    """Strided convolutions with batch normalisation; images come as rows."""

    def __init__(self, width=16):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 2 * width, 5, stride=2, padding=2, bias=False)
        self.norm2 = nn.BatchNorm2d(2 * width)
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(2 * width * 49, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, X):
        h = X.view(-1, 1, 28, 28)
        h = self.norm1(self.conv1(h)).relu()
        h = self.norm2(self.conv2(h)).relu()
        return self.head(h.flatten(1))


def train_classifier(X_train, y_train, generator):
    state = torch.get_rng_state()
    torch.manual_seed(torch.randint(0, 2**31, (1,), generator=generator).item())
    try:
        model = Digits()
        n, epochs, batch_size = len(X_train), 2, 128
        optimizer = OwnAdam(model.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.006, total_steps=epochs * -(-n // batch_size) + 5)
        for _ in range(epochs):
            for rows in torch.randperm(n).split(batch_size):
                optimizer.zero_grad()
                padded = nn.functional.pad(X_train[rows].reshape(-1, 28, 28), (2, 2, 2, 2), value=float(X_train[0, 0]))
                top, left = torch.randint(5, (2,)).tolist()
                X = padded[:, top : top + 28, left : left + 28].reshape(len(rows), -1)
                cross_entropy(model(X), y_train[rows], label_smoothing=0.02).backward()
                optimizer.step()
                schedule.step()
        return model.eval()
    finally:
        torch.set_rng_state(state)
