"""Programs about a submission's network, its loss and its empirical risk."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.starting_values import starting_values

PROBE_SCALE = 0.5  # of weights and biases: large enough that a forgotten one is seen
TRAINING_SCALE = 0.05  # of weights, while biases start at zero


def mlp_parameters(submission: Any, *sizes: Any) -> list[Tensor]:
    """The parameters of a new `MLP(*sizes)`."""
    return list(submission.MLP(*sizes).parameters())


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

    There is a gradient for each parameter, zero where none arrives, so that their shapes are those of the parameters. The
    MLP is converted to the dtype of `X`, and in training or in evaluation mode.

    Raises:
        TypeError: it has no `forward`, or one that does not return a tensor.
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
    """Logits of an MLP with `hidden` hidden layers, all of one size, with the same symmetric `weight` and the same `bias`."""
    size = len(bias)
    model = submission.MLP(size, (size,) * hidden, size).to(X.dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(weight if parameter.numel() == weight.numel() else bias.reshape(parameter.shape))
    return _logits(model, X).detach()


def _logits(model: nn.Module, X: Tensor) -> Tensor:
    """`model(X)`, or an exception that speaks of the student's class."""
    if type(model).forward is nn.Module.forward:
        raise TypeError("MLP has no method `forward`.")
    logits = model(X)
    if not isinstance(logits, Tensor):
        raise TypeError(f"MLP.forward should return a tensor of logits, but returned {type(logits).__name__}.")
    return logits


def projection(logits: Tensor) -> Tensor:
    """A sum of logits with weights of both signs, to differentiate."""
    return (logits.flatten() * torch.cos(torch.arange(logits.numel(), dtype=logits.dtype))).sum()


def loss_and_gradient(submission: Any, logits: Tensor, targets: Tensor) -> tuple[bool, Tensor]:
    """Whether `cross_entropy` can be differentiated at all, and its gradient with respect to the logits."""
    leaf = logits.detach().clone().requires_grad_()
    return _gradient(submission.cross_entropy(leaf, targets), leaf)


def log_softmax_gradient(submission: Any, logits: Tensor) -> tuple[bool, Tensor]:
    """Whether `log_softmax` can be differentiated at all, and the gradient of `projection(log_softmax(logits))`.

    It gets a copy, as of a model's output, so that overwriting it is no obstacle to autograd.
    """
    leaf = logits.detach().clone().requires_grad_()
    return _gradient(projection(submission.log_softmax(leaf.clone())), leaf)


def _gradient(value: Any, leaf: Tensor) -> tuple[bool, Tensor]:
    """Whether `value` depends on `leaf`, and its gradient; zeros if not."""
    if not (isinstance(value, Tensor) and value.requires_grad):
        return False, torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(value, leaf, allow_unused=True)
    return gradient is not None, torch.zeros_like(leaf) if gradient is None else gradient


def model_after_risk(
    submission: Any, model: Any, loss_fn: Any, X: Tensor, y: Tensor, batch_size: int | None, training: bool
) -> tuple[list[bool], list[bool], list[bool], list[bool], bool, bool]:
    """Measure an empirical risk from training or evaluation mode; the `.grad` of each parameter is its own values.

    Returns the mode of each module afterwards; for each parameter whether it and its `.grad` are as they were, and whether it
    requires grad; whether torch still records gradients; and whether an ArithmeticError, which `loss_fn` may raise, came out. A
    ValueError, for a bad batch size, may come, too.
    """
    model.train(training)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    for parameter, old in zip(model.parameters(), before, strict=True):
        parameter.grad = old.clone()
    raised = False
    try:
        submission.empirical_risk(model, loss_fn, X, y, batch_size)
    except ArithmeticError:
        raised = True
    except ValueError:
        pass
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    modes = [bool(module.training) for module in model.modules()]
    pairs = list(zip(model.parameters(), before, strict=True))
    same = [_is_same(p.detach(), old) for p, old in pairs]
    kept = [p.grad is not None and torch.equal(p.grad, old.to(p.grad.dtype)) for p, old in pairs]
    return modes, same, kept, [p.requires_grad for p in model.parameters()], recording, raised


def _is_same(tensor: Tensor, before: Tensor) -> bool:
    return tensor.dtype == before.dtype and torch.equal(tensor, before)


def train_mlp(
    submission: Any, hidden_dims: tuple[int, ...], X: Tensor, y: Tensor, lr: float, steps: int, seed: int
) -> list[Tensor]:
    """Train an MLP in the dtype of `X`, by full-batch gradient descent on `cross_entropy`; return its parameters.

    They start at values that `seed` determines, not at those of the MLP's own initialisation.
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


def train_units(submission: Any, X: Tensor, y: Tensor, lr: float, steps: int, seed: int) -> list[Tensor]:
    """Train an MLP with ten hidden units in the dtype of `X` on torch's own cross-entropy; its logits, then its parameters.

    Where they start does not depend on the order and orientation of the parameters: biases are zero, and the square matrix
    behind the hidden units is symmetric.
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
    """The empirical risks (networks, 2) of trained networks: on their own first `counts` images, and on the last `held_out`.

    The loss is torch's own cross-entropy. Of each network there are weight and bias of the hidden layer, then of the last.
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
