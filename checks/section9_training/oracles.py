"""Right results of the loops of section 9: by torch's functional optimizers, and by autograd on our own model."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim.adagrad import adagrad
from torch.optim.adam import adam
from torch.optim.rmsprop import rmsprop
from torch.optim.sgd import sgd

from grader.toolkit.closeness import expect_close
from grader.toolkit.strategies import clones

from .problems import SmallClassifier

OPTIMIZERS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")
Batches = list[tuple[Tensor, Tensor]]


# -- optimizers


def optimizer_oracle(name: str, weights: list[Tensor], gradients: list[list[Tensor]], lr: float) -> list[list[Tensor]]:
    """The weights after each step, by the functional form of the torch.optim class, with its defaults."""
    params = clones(weights)
    first, second = ([torch.zeros_like(w) for w in params] for _ in range(2))
    velocities: list[Tensor | None] = [None for _ in params]
    path = []
    for step, grads in enumerate(gradients):
        steps = [torch.tensor(float(step)) for _ in params]
        if name in ("sgd", "momentum"):
            sgd(
                params, clones(grads), velocities, foreach=False, weight_decay=0.0, lr=lr,
                momentum=0.9 if name == "momentum" else 0.0, dampening=0.0, nesterov=False, maximize=False,
            )  # fmt: skip
        elif name == "adagrad":
            adagrad(
                params, clones(grads), second, steps, foreach=False, lr=lr, weight_decay=0.0, lr_decay=0.0, eps=1e-10,
                maximize=False,
            )  # fmt: skip
        elif name == "rmsprop":
            rmsprop(
                params, clones(grads), second, [], [], steps, foreach=False, lr=lr, alpha=0.99, eps=1e-8,
                weight_decay=0.0, momentum=0.0, centered=False,
            )  # fmt: skip
        else:
            adam(
                params, clones(grads), first, second, [], steps, foreach=False, amsgrad=False, beta1=0.9, beta2=0.999,
                lr=lr, weight_decay=0.0, eps=1e-8, maximize=False,
            )  # fmt: skip
        path.append(clones(params))
    return path


@dataclass
class AdamOracle:
    """Adam by torch's function, a parameter at a time: each has its own count and, at each step, its own settings."""

    weights: list[Tensor]
    first: list[Tensor] = field(init=False)
    second: list[Tensor] = field(init=False)
    counts: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self.weights = clones(self.weights)
        self.first, self.second = ([torch.zeros_like(w) for w in self.weights] for _ in range(2))
        self.counts = [torch.tensor(0.0) for _ in self.weights]

    def step(self, grads: list[Tensor | None], settings: list[dict[str, Any]]) -> list[Tensor]:
        """Take a step with the settings of each parameter, where there is a gradient; return copies of the weights."""
        for place, (grad, given) in enumerate(zip(grads, settings, strict=True)):
            if grad is None:
                continue
            (beta1, beta2), one = given.get("betas", (0.9, 0.999)), slice(place, place + 1)
            adam(
                self.weights[one], [grad.clone()], self.first[one], self.second[one], [], self.counts[one], foreach=False,
                amsgrad=False, beta1=beta1, beta2=beta2, lr=given.get("lr", 1e-3), weight_decay=0.0,
                eps=given.get("eps", 1e-8), maximize=False,
            )  # fmt: skip
        return clones(self.weights)

    def path(self, gradients: list[list[Tensor | None]], **settings: Any) -> list[list[Tensor]]:
        """The weights after each step, with the same settings for all."""
        return [self.step(grads, [settings] * len(self.weights)) for grads in gradients]


def adam_by_weighted_means(
    weights: list[Tensor], gradients: list[list[Tensor]], lr: float, betas: tuple[float, float], eps: float
) -> list[list[Tensor]]:
    """Adam without moments: the corrected ones are means of all gradients so far, and of their squares, in which each
    weighs beta times as much as the next."""
    path, current = [], clones(weights)
    for step in range(1, len(gradients) + 1):
        for place, w in enumerate(current):
            past = torch.stack([grads[place] for grads in gradients[:step]]).reshape(step, -1)
            means = []
            for beta, values in zip(betas, (past, past**2), strict=True):
                share = torch.tensor([beta ** (step - 1 - age) for age in range(step)], dtype=w.dtype)
                means.append((share @ values / share.sum()).reshape(w.shape))
            w.sub_(lr * means[0] / (means[1].sqrt() + eps))
        path.append(clones(current))
    return path


# -- epochs


@dataclass
class Trainer:
    """Trains a classifier by heavy ball, written out: `v <- momentum * v + g`, `w <- w - lr * v`."""

    model: nn.Module
    lr: float
    momentum: float
    velocities: list[Tensor] = field(default_factory=list)

    def epoch(self, batches: Batches) -> float:
        """One step per batch, in train mode; the mean loss per example."""
        self.model.train()
        params = list(self.model.parameters())
        self.velocities = self.velocities or [torch.zeros_like(param) for param in params]
        losses = []
        for X, y in batches:
            loss = cross_entropy(self.model(X), y)
            gradients = torch.autograd.grad(loss, params)
            losses.append((float(loss.detach()), len(y)))
            with torch.no_grad():
                for w, g, v in zip(params, gradients, self.velocities, strict=True):
                    v.mul_(self.momentum).add_(g)
                    w.sub_(self.lr * v)
        return sum(loss * size for loss, size in losses) / sum(size for _, size in losses)

    @property
    def state(self) -> list[Tensor]:
        """Copies of parameters and buffers, without the counts that batch normalisation keeps."""
        return [value.clone() for value in self.model.state_dict().values() if value.is_floating_point()]


def loss_and_accuracy(model: SmallClassifier, batches: Batches) -> tuple[float, float]:
    """Mean cross-entropy and fraction correct over all examples at once, in eval mode."""
    X, y = (torch.cat(part) for part in zip(*batches, strict=True))
    with torch.no_grad():
        logits = model.build().eval()(X)
    return float(cross_entropy(logits, y)), float((logits.argmax(1) == y).double().mean())


def expect_epoch(number: int, result: Any, loss: float | None, state: list[Tensor], expected: list[Tensor]) -> None:
    """Compare the result of an epoch with `loss`, unless it is None, and the final state with the expected state."""
    if loss is not None:  # the mean may be computed in float32
        expect_close({f"mean training loss of epoch {number}": (result, loss)}, (1e-6, 1e-6))
    expect_close({f"parameters after epoch {number}": (state, expected)}, (1e-8, 1e-10))


# -- problems


@dataclass(frozen=True)
class TrainingProblem:
    """A classifier, and the batches of two epochs, with different sizes."""

    model: SmallClassifier
    epochs: list[Batches]
    lr: float


def training_problem(
    sizes: tuple[int, ...],
    seed: int = 0,
    hidden: int = 0,
    lr: float = 0.5,
    dtype: torch.dtype = torch.float64,
    **layers: Any,
) -> TrainingProblem:
    """A problem with 2 inputs, 3 classes, batches of these `sizes`, and random numbers with one decimal."""
    generator = torch.Generator().manual_seed(seed)

    def numbers(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=dtype).round(decimals=1)

    widths = (2, hidden, 3) if hidden else (2, 3)
    weights = []
    for inputs, outputs in pairwise(widths):
        # A different third decimal for each class, so that no two logits are equal.
        weights += [numbers(outputs, inputs), numbers(outputs) + 0.037 * torch.arange(outputs, dtype=dtype)]
    epochs = [[(numbers(size, 2), torch.randint(3, (size,), generator=generator)) for size in sizes] for _ in range(2)]
    return TrainingProblem(SmallClassifier(weights, **layers), epochs, lr)


@st.composite
def training_problems(draw: st.DrawFn) -> TrainingProblem:
    """Problems with one to four batches of one to four examples; simplest: a linear classifier."""
    sizes = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    return training_problem(
        sizes, draw(st.integers(0, 50)), draw(st.sampled_from((0, 4))), draw(st.sampled_from((0.5, 0.1)))
    )
