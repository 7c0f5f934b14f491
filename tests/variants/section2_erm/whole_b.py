# WHOLE B: custom autograd, parameters stored (in, out), deep copy
import copy
import torch
from torch import nn

def normalize_images(images, mean=0.1307, std=0.3081):
    if std <= 0:
        raise ValueError("std must be positive")
    x = images.reshape(-1, 784).double()
    x = x.div_(255).sub_(mean).div_(std)
    return x.float()

class Affine(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(1, o))
        self.W = nn.Parameter(torch.empty(i, o).uniform_(-0.1, 0.1))
    def forward(self, x):
        return torch.addmm(self.b, x, self.W)

class Base(nn.Module):
    def forward(self, X):
        h = torch.reshape(X, (X.size(0), -1))
        for i, l in enumerate(self.stack):
            h = l(h)
            if i + 1 < len(self.stack):
                h = torch.where(h > 0, h, torch.zeros_like(h))
        return h

class MLP(Base):
    def __init__(self, in_dim=784, hidden_dims=(10,), out_dim=10, **options):
        super().__init__()
        self.stack = nn.ModuleList()
        for i, o in zip((in_dim,) + tuple(hidden_dims), tuple(hidden_dims) + (out_dim,)):
            self.stack.append(Affine(i, o))

class LogSoftmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z):
        out = z - torch.logsumexp(z, 1, keepdim=True)
        ctx.save_for_backward(out)
        return out
    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return g - out.exp() * g.sum(1, keepdim=True)

def log_softmax(logits):
    return LogSoftmax.apply(logits)

class CE(torch.autograd.Function):
    @staticmethod
    def forward(ctx, z, t):
        lp = z - torch.logsumexp(z, 1, keepdim=True)
        ctx.save_for_backward(lp, t)
        return -lp.gather(1, t.unsqueeze(1)).mean()
    @staticmethod
    def backward(ctx, g):
        lp, t = ctx.saved_tensors
        p = lp.exp()
        p[torch.arange(len(t)), t] -= 1
        return g * p / len(t), None

cross_entropy = CE.apply

def empirical_risk(model, loss_fn, X, y, batch_size=None):
    n = len(y)
    if batch_size is not None and batch_size not in range(1, n + 1):
        raise ValueError(f"batch_size={batch_size}")
    m = copy.deepcopy(model).eval().requires_grad_(False)
    step = batch_size or n
    acc, start = 0, 0
    while start < n:
        sl = slice(start, start + step)
        acc += loss_fn(m(X[sl]), y[sl]).item() * (min(start + step, n) - start) / n
        start += step
    return acc

def accuracy(logits, targets):
    k = torch.topk(logits, 1, dim=1).indices.squeeze(1)
    return 1 - torch.count_nonzero(k - targets).item() / targets.numel()
