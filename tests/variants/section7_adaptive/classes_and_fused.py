"""An abstract rule with three children, enum for the verdict, rsqrt-free fused operations, descriptors for ranges."""
import abc
import enum
import math
import typing
from contextlib import ExitStack

import torch


class Verdict(str, enum.Enum):
    HIGH = "too high"
    LOW = "too low"
    GOOD = "good"
    DIVERGES = "diverges"

    def __str__(self):
        return self.value


class Between:
    def __init__(self, low, high=math.inf):
        self.low, self.high = low, high

    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, instance, value):
        if not (self.low <= value < self.high):
            raise ValueError(f"{self.name} should be in [{self.low}, {self.high}) but is {value}")
        instance.__dict__[self.name] = value

    def __get__(self, instance, owner=None):
        return instance.__dict__[self.name]


class Rule(abc.ABC):
    lr, eps = Between(0), Between(0)
    alpha, beta1, beta2 = Between(0, 1), Between(0, 1), Between(0, 1)
    step = Between(1)

    def __init__(self, **settings: typing.Any) -> None:
        for key, value in settings.items():
            setattr(self, key, value)

    @abc.abstractmethod
    def update(self, g, *state) -> typing.Tuple[torch.Tensor, torch.Tensor]: ...

    def __call__(self, params, grads, *states):
        with ExitStack() as stack:
            stack.enter_context(torch.no_grad())
            for w, g, *state in zip(params, grads, *states):
                above, below = self.update(g, *state)
                w.addcdiv_(above, below, value=-self.lr)


class Adagrad(Rule):
    def update(self, g, s):
        return g, s.addcmul_(g, g).sqrt().add_(self.eps)


class RMSprop(Rule):
    def update(self, g, s):
        s.lerp_(g.square(), 1 - self.alpha)
        return g, s.sqrt() + self.eps


class Adam(Rule):
    def update(self, g, m, v):
        m.mul_(self.beta1).add_(g, alpha=1 - self.beta1)
        v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
        # Kingma and Ba, the end of section 2: another order, the same step
        root = math.sqrt(1 - self.beta2**self.step)
        below = v.sqrt().add_(self.eps * root)
        return m * (root / (1 - self.beta1**self.step)), below


def bold_driver(lr: float, previous_loss: float, loss: float, grow: float = 1.05, shrink: float = 0.5) -> float:
    if lr < 0: raise ValueError(f"lr: {lr}")
    match (math.isfinite(loss), loss < previous_loss):
        case (True, True):
            return float(lr) * grow
        case _:
            return float(lr) * shrink


def inverse_time_decay(lr0: float, step: int, decay: float) -> float:
    if decay < 0 or step < 0:
        raise ValueError("decay and step must not be negative")
    return float(lr0) * (1.0 + decay * step) ** -1


class Run:
    """One curve of a sweep."""

    def __init__(self, lr, losses):
        if not len(losses):
            raise ValueError(f"curves: no losses for lr {lr}")
        self.lr, self.losses = lr, [float(loss) for loss in losses]
        self.first, self.last = self.losses[0], self.losses[-1]

    @property
    def diverges(self):
        return not (all(map(math.isfinite, self.losses)) and self.last <= self.first)

    def __lt__(self, other):
        return (self.last, self.lr) < (other.last, other.lr)

    def verdict(self, best, tolerance):
        if self.diverges:
            return Verdict.DIVERGES.value
        if self.last - best.last <= tolerance * (best.first - best.last):
            return Verdict.GOOD.value
        return (Verdict.LOW if self.lr < best.lr else Verdict.HIGH).value


def diagnose_learning_rates(
    curves: typing.Mapping[float, typing.Sequence[float]], tolerance: float = 0.1
) -> typing.Dict[float, str]:
    if tolerance < 0:
        raise ValueError("tolerance")
    runs = [Run(lr, losses) for lr, losses in curves.items()]
    best = min((run for run in runs if not run.diverges), default=None)
    return {run.lr: run.verdict(best, tolerance) for run in runs}


def update_ratio(params: typing.Iterable[torch.Tensor], updates: typing.Iterable[torch.Tensor]) -> typing.List[float]:
    found = []
    if not params:
        return found
    for size, whole in zip(torch._foreach_norm(list(updates)), torch._foreach_norm(list(params))):
        top, bottom = size.item(), whole.item()
        found.append(-math.inf if top == 0 else math.inf if bottom == 0 else math.log10(top) - math.log10(bottom))
    return found


def adagrad_step(params, grads, square_sums, lr, eps=1e-10):
    Adagrad(lr=lr, eps=eps)(params, grads, square_sums)


def rmsprop_step(params, grads, square_averages, lr, alpha=0.99, eps=1e-8):
    RMSprop(lr=lr, alpha=alpha, eps=eps)(params, grads, square_averages)


def adam_step(params, grads, first_moments, second_moments, step, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    Adam(step=step, lr=lr, beta1=beta1, beta2=beta2, eps=eps)(params, grads, first_moments, second_moments)


w = torch.ones(2, requires_grad=True)
adagrad_step([w], [torch.ones(2)], [torch.zeros(2)], lr=0.5)
print(w.tolist())
