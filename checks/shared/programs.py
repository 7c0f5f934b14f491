"""Programs of several sections: update rules, training of small networks, and models with a secret state."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

from .problems import starting_values


def step_and_refill(
    submission: Any, rule: str, grads: list[Tensor], changed: tuple[str, ...], **arguments: Any
) -> list[list[Tensor]]:
    """Take a step of the update rule `rule`, then overwrite the gradients' tensors.

    In training, the next backward pass also writes into the same tensors. Weights and state must not change with them:
    return the arguments named in `changed`, as they are afterwards.
    """
    own = [grad.clone() for grad in grads]
    state = {name: [tensor.clone() for tensor in arguments[name]] for name in changed}
    getattr(submission, rule)(grads=own, **(arguments | state))
    for grad in own:
        grad.fill_(7)
    return [state[name] for name in changed]


def paths_down_bowl(
    submission: Any,
    rule: str,
    curvatures: Tensor,
    start: Tensor,
    settings: list[dict[str, float]],
    num_states: int,
    is_counted: bool,
    num_steps: int,
) -> Tensor:
    """The paths of the update rule `rule` on the bowl `1/2 sum(curvatures * w^2)`, (settings, num_steps + 1, d).

    The rule takes weights, gradients and `num_states` lists that start at zero, then the number of the step if
    `is_counted`, and one of the settings.
    """
    step = getattr(submission, rule)
    paths = []
    for setting in settings:
        w, states = start.clone(), [[torch.zeros_like(start)] for _ in range(num_states)]
        path = [w.clone()]
        for number in range(1, num_steps + 1):
            counted = {"step": number} if is_counted else {}
            step([w], [curvatures * w], *states, **counted, **setting)
            path.append(w.clone())
        paths.append(torch.stack(path))
    return torch.stack(paths)


def losses_of_sgd(
    submission: Any, X: Tensor, y: Tensor, num_classes: int, lrs: list[float], batch_size: int, num_epochs: int
) -> Tensor:
    """The losses of `sgd` for softmax regression from zero weights, (lrs, steps)."""
    runs = []
    for lr in lrs:
        model = nn.Linear(X.shape[1], num_classes, dtype=X.dtype)
        with torch.no_grad():
            for param in model.parameters():
                param.zero_()
        generator = torch.Generator().manual_seed(0)
        losses = submission.sgd(model, nn.functional.cross_entropy, X, y, lr, batch_size, num_epochs, generator)
        runs.append(torch.tensor(losses, dtype=torch.float64))
    return torch.stack(runs)


ROUNDS = 32  # measurements of a risk: their modes have 2^16 possible orders, too many to guess
Update = Callable[[list[Tensor], list[Tensor], int], None]  # (params, their gradients, number of the step from 1)


def logits(weights: list[Tensor], X: Tensor) -> Tensor:
    """The outputs of linear layers with ReLU between them; `weights` are matrix and bias of each layer, in order."""
    for weight, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        X = linear(X, weight, bias).relu()
    return linear(X, *weights[-2:])


def mean_loss(weights: list[Tensor], X: Tensor, y: Tensor) -> float:
    """The mean cross-entropy."""
    return float(cross_entropy(logits(weights, X), y))


def descend(
    update: Update,
    weights: list[Tensor],
    X: Tensor,
    y: Tensor,
    steps: int,
    batch_size: int | None = None,
    decay: float = 0.0,
) -> Iterator[float]:
    """Take steps in place; yield each step's mean cross-entropy before it, and the loss of all examples after the last.

    Batches follow the order of the examples; without `batch_size`, each step uses all of them. `decay` times the
    weights is added to the gradients of matrices.
    """
    size = batch_size or len(X)
    for step in range(1, steps + 1):
        start = (step - 1) * size % (len(X) - size + 1)
        params = [weight.detach().requires_grad_() for weight in weights]
        loss = cross_entropy(logits(params, X[start : start + size]), y[start : start + size])
        grads = [
            grad + decay * weight if weight.dim() > 1 else grad
            for weight, grad in zip(weights, torch.autograd.grad(loss, params), strict=True)
        ]
        yield float(loss.detach())
        update(weights, grads, step)
    yield mean_loss(weights, X, y)


def modes_before(secret: int) -> list[bool]:
    """Whether each model is in training mode: one of each pair is, in an order drawn from a secret."""
    return [bool(secret >> place // 2 & 1) != bool(place % 2) for place in range(ROUNDS)]


def grads_before(secret: int, model: nn.Module) -> list[Tensor]:
    """A `.grad` for each parameter of a model, drawn from a secret."""
    parameters = list(model.parameters())
    values = starting_values([tuple(parameter.shape) for parameter in parameters], secret, 1.0, 1.0)
    return [value.to(parameter.dtype) for value, parameter in zip(values, parameters, strict=True)]
