"""Programs about a submission's network, its loss and its empirical risk."""

import copy
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn

from ..shared.problems import starting_values
from ..shared.programs import grads_before, modes_before

PROBE_SCALE = 0.5  # of weights and biases: large enough that a missing term shows
TRAINING_SCALE = 0.05  # of weights, while biases start at zero


def mlp_parameters(submission: Any, *sizes: Any) -> list[Tensor]:
    """The parameters of a new `MLP(*sizes)`."""
    return list(submission.MLP(*sizes).parameters())


def mlp_at_start(submission: Any, X: Tensor, *sizes: Any) -> tuple[Tensor, list[Tensor]]:
    """Logits of a new `MLP(*sizes)`, and its initial parameters."""
    model = submission.MLP(*sizes)
    parameters = [parameter.detach().clone() for parameter in model.parameters()]
    return _logits(model, X).detach(), parameters


def mlp_probe(
    submission: Any,
    in_dim: int,
    hidden_dims: tuple[int, ...],
    out_dim: int,
    X: Tensor,
    seed: int,
    training: bool = True,
) -> tuple[Tensor, list[Tensor]]:
    """Give an MLP known parameters, and return its logits and the gradients of `projection(logits)`.

    There is a gradient for each parameter, zero if none arrives, so that the gradients have the shapes of the
    parameters. The MLP is converted to the dtype of `X`, and is in training or evaluation mode.

    Raises:
        TypeError: it has no `forward`, or `forward` does not return a tensor.
    """
    model = submission.MLP(in_dim, hidden_dims, out_dim).to(X.dtype)
    parameters = list(model.parameters())
    with torch.no_grad():
        values = starting_values([tuple(p.shape) for p in parameters], seed, PROBE_SCALE, PROBE_SCALE)
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)
    model.train(training)
    logits = _logits(model, X)
    gradients = [torch.zeros_like(parameter) for parameter in parameters]
    trainable = [place for place, parameter in enumerate(parameters) if parameter.requires_grad]
    if trainable and logits.requires_grad:
        found = torch.autograd.grad(projection(logits), [parameters[place] for place in trainable], allow_unused=True)
        for place, gradient in zip(trainable, found, strict=True):
            gradients[place] = gradients[place] if gradient is None else gradient
    return logits, gradients


def logits_of_equal_layers(submission: Any, hidden: int, weight: Tensor, bias: Tensor, X: Tensor) -> Tensor:
    """Logits of an MLP with `hidden` hidden layers of the same size, `weight` (symmetric) and `bias`."""
    size = len(bias)
    model = submission.MLP(size, (size,) * hidden, size).to(X.dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(weight if parameter.numel() == weight.numel() else bias.reshape(parameter.shape))
    return _logits(model, X).detach()


def _logits(model: nn.Module, X: Tensor) -> Tensor:
    """`model(X)`, or an exception that names the student's class."""
    if type(model).forward is nn.Module.forward:
        raise TypeError("MLP has no method `forward`.")
    logits = model(X)
    if not isinstance(logits, Tensor):
        raise TypeError(f"MLP.forward should return a tensor of logits, but returned {type(logits).__name__}.")
    return logits


def projection(logits: Tensor) -> Tensor:
    """A weighted sum of the logits with positive and negative weights, to differentiate."""
    return (logits.flatten() * torch.cos(torch.arange(logits.numel(), dtype=logits.dtype))).sum()


def cross_entropy_gradient(submission: Any, logits: Tensor, targets: Tensor) -> Tensor:
    """The gradient of `cross_entropy` with respect to the logits; zeros if none arrives."""
    leaf = logits.clone().requires_grad_()
    return _gradient(submission.cross_entropy(leaf, targets), leaf)


def log_softmax_gradient(submission: Any, logits: Tensor) -> Tensor:
    """The gradient of `projection(log_softmax(logits))`; zeros if none arrives.

    The function gets a copy, so that autograd works even if it overwrites its argument.
    """
    leaf = logits.clone().requires_grad_()
    return _gradient(projection(submission.log_softmax(leaf.clone())), leaf)


def _gradient(value: Any, leaf: Tensor) -> Tensor:
    """The gradient of `value` with respect to `leaf`; zeros if it does not depend on it."""
    if not (isinstance(value, Tensor) and value.requires_grad):
        return torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(value, leaf, allow_unused=True, materialize_grads=True)
    return gradient


def models_after_risks(
    submission: Any, secret: int, model: Any, loss_fn: Any, X: Tensor, y: Tensor, batch_size: int | None
) -> list[tuple[list[bool], list[Tensor]]]:
    """Measure risks of copies of a model, in modes and with `.grad` from a secret, and return their state afterwards.

    For each copy: the mode of each module, and the `.grad` of each parameter, empty if there is none. ArithmeticError
    (from `loss_fn`) and ValueError (for a bad batch size) are expected and caught.
    """
    left = []
    for place, training in enumerate(modes_before(secret)):
        own = copy.deepcopy(model).train(training)
        for parameter, grad in zip(own.parameters(), grads_before(secret + place, model), strict=True):
            parameter.grad = grad
        with suppress(ArithmeticError, ValueError):
            submission.empirical_risk(own, loss_fn, X, y, batch_size)
        modes = [bool(module.training) for module in own.modules()]
        left.append((modes, [torch.empty(0) if p.grad is None else p.grad for p in own.parameters()]))
    return left


def train_mlp(
    submission: Any, hidden_dims: tuple[int, ...], X: Tensor, y: Tensor, lr: float, steps: int, seed: int
) -> list[Tensor]:
    """Train an MLP in the dtype of `X`, by full-batch gradient descent on `cross_entropy`; return its parameters.

    `seed` determines the initial values; the MLP's own initialisation is not used.
    """
    model = submission.MLP(X.shape[1], hidden_dims, 10).to(X.dtype)
    parameters = list(model.parameters())
    with torch.no_grad():
        values = starting_values([tuple(p.shape) for p in parameters], seed, TRAINING_SCALE, 0.0)
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)
    for _ in range(steps):
        gradients = torch.autograd.grad(submission.cross_entropy(model(X), y), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(lr * gradient)
    return parameters


def share_read_correctly(
    submission: Any, hidden_dims: tuple[int, ...], X: Tensor, y: Tensor, held_out: int, lr: float, steps: int, seed: int
) -> float:
    """Train an MLP on all but the last `held_out` examples, with momentum 0.9 and torch's cross-entropy; read the others with it.

    The share of these whose label has the largest logit. The MLP's own initialisation is not used.
    """
    model = submission.MLP(X.shape[1], hidden_dims, 10).to(X.dtype)
    parameters = list(model.parameters())
    shapes = [tuple(p.shape) for p in parameters]
    velocities = [torch.zeros_like(p) for p in parameters]
    with torch.no_grad():
        for parameter, value in zip(parameters, starting_values(shapes, seed, 0.1, 0.0), strict=True):
            parameter.copy_(value)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(_logits(model, X[:-held_out]), y[:-held_out])
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
                parameter.sub_(lr * velocity.mul_(0.9).add_(gradient))
    with torch.no_grad():
        return float((_logits(model, X[-held_out:]).argmax(1) == y[-held_out:]).double().mean())


def train_units(submission: Any, X: Tensor, y: Tensor, lr: float, steps: int, seed: int) -> list[Tensor]:
    """Train an MLP with ten hidden units on torch's cross-entropy; return its logits, then its parameters.

    Initial values do not depend on the order and orientation of the parameters: biases are zero, and the square matrix
    after the hidden units is symmetric. All tensors have the dtype of `X`.
    """
    model = submission.MLP(X.shape[1], (10,), 10).to(X.dtype)
    parameters = list(model.parameters())
    first, second = starting_values([(10, X.shape[1]), (10, 10)], seed, 1.0, 0.0)
    with torch.no_grad():
        for parameter in parameters:
            if parameter.shape == (10, 10):
                parameter.copy_(0.2 * (second + second.T))
            elif X.shape[1] in parameter.shape:
                parameter.copy_(0.01 * (first if parameter.shape[0] == 10 else first.T))
            else:
                parameter.zero_()
    for _ in range(steps):
        gradients = torch.autograd.grad(nn.functional.cross_entropy(_logits(model, X), y), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(lr * gradient)
    return [model(X).detach(), *(parameter.detach() for parameter in parameters)]


def risks_of_networks(
    submission: Any,
    networks: list[list[Tensor]],
    counts: list[int],
    X: Tensor,
    y: Tensor,
    held_out: int,
    batch_size: int,
) -> Tensor:
    """Empirical risks (networks, 2) of trained networks: on their training images, the first `counts`, and on the last
    `held_out`.

    The loss is torch's cross-entropy. A network is a list: weight and bias of the hidden layer, then of the last layer.
    """
    rows = []
    for params, count in zip(networks, counts, strict=True):
        model = nn.Sequential(nn.Linear(*params[0].shape[::-1]), nn.ReLU(), nn.Linear(*params[2].shape[::-1])).to(
            X.dtype
        )
        model.load_state_dict(dict(zip(model.state_dict(), params, strict=True)))
        sets = ((X[:count], y[:count]), (X[-held_out:], y[-held_out:]))
        loss = nn.functional.cross_entropy
        rows.append([submission.empirical_risk(model, loss, *data, min(batch_size, len(data[1]))) for data in sets])
    return torch.tensor(rows, dtype=torch.float64)
