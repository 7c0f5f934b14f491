"""Programs about training with torch.optim: models and optimizers stay in the worker, their numbers are returned."""

import copy
import hashlib
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.programs import computes_for

from ..shared.problems import starting_values
from ..shared.programs import grads_before, modes_before
from .problems import SmallClassifier

Batches = list[tuple[Tensor, Tensor]]
Gradients = list[Tensor | None]  # of a step, in the order of the parameters
CLASSIFIED_AT_ONCE = 1000
# Ten times the need of the reference for 10,000 images, and fifty times the need of the largest network without
# convolutions. A slower network could see only 15,000 images in a minute of training, which costs three times as much
# per image.
CLASSIFY_SECONDS = 15.0


def optimizer_path(
    submission: Any, name: str, weights: list[Tensor], gradients: list[list[Tensor]], lr: float, once: bool = False
) -> list[list[Tensor]]:
    """The weights after each step of `make_optimizer`'s result; none unless it is a torch.optim.Optimizer.

    `gradients` holds a list per step; `once` passes the parameters as an iterator.
    """
    params = [nn.Parameter(weight.clone()) for weight in weights]
    optimizer = submission.make_optimizer(name, iter(params) if once else params, lr)
    if not isinstance(optimizer, torch.optim.Optimizer):
        return []
    path = []
    for grads in gradients:
        for param, grad in zip(params, grads, strict=True):
            param.grad = grad.clone()
        optimizer.step()
        path.append([param.detach().clone() for param in params])
    return path


def unknown_optimizer(submission: Any, name: str) -> None:
    """Ask for an optimizer with an unknown name."""
    submission.make_optimizer(name, [nn.Parameter(torch.ones(1))], 0.1)


def adam_path(
    submission: Any,
    params: list[Tensor],
    gradients: list[Gradients],
    lr: float,
    betas: tuple[float, float],
    eps: float,
    once: bool = False,
) -> tuple[list[list[Tensor]], list[Any], list[list[Tensor]]]:
    """Steps of `OwnAdam(params, lr, betas, eps)`: the weights after each, what `step()` returns, and the gradients after
    each.

    `gradients` holds a list per step. Later steps write into the same tensors as the first, as `backward` may do. `once`
    passes the parameters as an iterator.
    """
    own = [nn.Parameter(weight.clone()) for weight in params]
    optimizer = _own_adam(submission, iter(own) if once else own, lr, betas, eps)
    path, returned, after = [], [], []
    for grads in gradients:
        _set_gradients(own, grads)
        returned.append(optimizer.step())
        path.append(_values(own))
        after.append([param.new_empty(0) if param.grad is None else param.grad.clone() for param in own])
    return path, returned, after


def adam_in_groups(
    submission: Any, groups: list[dict[str, Any]], gradients: list[Gradients], changes: list[dict[str, Any]]
) -> list[list[Tensor]]:
    """The weights after each step of an `OwnAdam` with several groups, each with tensors "params" and some settings.

    `changes` holds settings of the last group for each step, as a schedule sets them.
    """
    made, own = _groups(groups)
    optimizer, path = _own_adam(submission, made), []
    for grads, change in zip(gradients, changes, strict=True):
        optimizer.param_groups[-1].update(change)
        _set_gradients(own, grads)
        optimizer.step()
        path.append(_values(own))
    return path


def adam_on_schedule(
    submission: Any, params: list[Tensor], gradients: list[Gradients], lr: float, gamma: float
) -> list[list[Tensor]]:
    """The weights after each step of an `OwnAdam` whose learning rate `ExponentialLR` multiplies by `gamma` each time."""
    own = [nn.Parameter(weight.clone()) for weight in params]
    optimizer, path = _own_adam(submission, own, lr), []
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma)
    for grads in gradients:
        _set_gradients(own, grads)
        optimizer.step()
        schedule.step()
        path.append(_values(own))
    return path


def adam_with_a_late_group(
    submission: Any, params: list[Tensor], gradients: list[Gradients], lr: float, late: dict[str, Any], joins: int
) -> list[list[Tensor]]:
    """The weights after each step of an `OwnAdam` that the group `late` joins after `joins` steps; its weights come last."""
    own = [nn.Parameter(weight.clone()) for weight in params]
    optimizer, path = _own_adam(submission, own, lr), []
    (group,), added = _groups([late])
    for step, grads in enumerate(gradients):
        if step == joins:
            optimizer.add_param_group(group)
        _set_gradients([*own, *added], grads)
        optimizer.step()
        path.append(_values([*own, *added]))
    return path


def adam_with_closure(
    submission: Any, params: list[Tensor], minima: list[Tensor], steps: int, lr: float
) -> tuple[list[Any], list[list[Tensor]]]:
    """Steps of an `OwnAdam` with a closure: what `step(closure)` returns, and the weights after each step.

    Call number k of the closure computes the loss `sum((w - minima[k])^2)` over all weights, and its gradients by
    `backward`.
    """
    own = [nn.Parameter(weight.clone()) for weight in params]
    optimizer, calls = _own_adam(submission, own, lr), iter(range(10**6))

    def closure() -> Tensor:
        optimizer.zero_grad()
        minimum = minima[next(calls) % len(minima)]
        loss: Tensor = sum(((param - minimum) ** 2).sum() for param in own)  # type: ignore[assignment]
        loss.backward()
        return loss

    returned, path = [], []
    for _ in range(steps):
        loss = optimizer.step(closure)
        returned.append(loss.detach() if isinstance(loss, Tensor) else loss)
        path.append(_values(own))
    return returned, path


def adam_resumed(
    submission: Any,
    params: list[Tensor],
    gradients: list[Gradients],
    lr: float,
    betas: tuple[float, float],
    saved: int,
) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
    """A run of `OwnAdam` that is saved after `saved` steps and loaded into a new `OwnAdam`, made with default settings.

    The old optimizer also goes on, with twice the gradients. Returns the weights after each further step of the new run,
    and of the old.
    """
    own = [nn.Parameter(weight.clone()) for weight in params]
    optimizer = _own_adam(submission, own, lr, betas)
    for grads in gradients[:saved]:
        _set_gradients(own, grads)
        optimizer.step()
    copies = [nn.Parameter(value) for value in _values(own)]
    loaded = _own_adam(submission, copies)
    loaded.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    new, old = [], []
    for grads in gradients[saved:]:
        _set_gradients(own, [None if grad is None else 2 * grad for grad in grads])
        optimizer.step()
        old.append(_values(own))
        _set_gradients(copies, grads)
        loaded.step()
        new.append(_values(copies))
    return new, old


def make_own_adam(submission: Any, lr: float, betas: tuple[float, float], eps: float) -> None:
    """Construct an `OwnAdam` for one weight."""
    submission.OwnAdam([nn.Parameter(torch.ones(1))], lr, betas, eps)


def _own_adam(submission: Any, *arguments: Any) -> Any:
    """A new `OwnAdam`, or an exception that says that it is no optimizer of PyTorch."""
    optimizer = submission.OwnAdam(*arguments)
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError("OwnAdam should be a class that is derived from torch.optim.Optimizer.")
    return optimizer


def _groups(groups: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[nn.Parameter]]:
    """The groups with parameters in place of tensors, and all parameters in order."""
    made = [group | {"params": [nn.Parameter(weight.clone()) for weight in group["params"]]} for group in groups]
    return made, [param for group in made for param in group["params"]]


def _set_gradients(params: list[nn.Parameter], grads: Gradients) -> None:
    """Write each gradient into the tensor that is there, if there is one."""
    for param, grad in zip(params, grads, strict=True):
        if grad is None or param.grad is None:
            param.grad = None if grad is None else grad.clone()
        else:
            param.grad.copy_(grad)


def _values(params: list[nn.Parameter]) -> list[Tensor]:
    return [param.detach().clone() for param in params]


def train_small_classifier(
    submission: Any,
    model: SmallClassifier,
    epochs: list[Batches],
    lr: float,
    momentum: float,
    training: bool = True,
    once: bool = False,
) -> tuple[list[Any], list[list[Tensor]], Tensor]:
    """Train for some epochs with a `torch.optim.SGD`, from train or eval mode.

    `once` passes each epoch's batches as an iterator. Returns the results of `train_epoch`, the parameters and buffers
    after each epoch, and the logits of the first batch in the final mode of the model.
    """
    module = model.build().train(training)
    optimizer = torch.optim.SGD(module.parameters(), lr=lr, momentum=momentum)
    results, states = [], []
    for batches in epochs:
        results.append(submission.train_epoch(module, _loader(batches, once), optimizer))
        states.append(_floating_state(module))
    with torch.no_grad():
        return results, states, module(epochs[0][0][0])


def train_on_same_batches(
    submission: Any, model: SmallClassifier, batches: Batches, num_epochs: int, lr: float, momentum: float
) -> tuple[list[Any], list[list[Tensor]]]:
    """As `train_small_classifier`, with the same batches in every epoch."""
    return train_small_classifier(submission, model, [batches] * num_epochs, lr, momentum)[:2]


def evaluate_small_classifier(
    submission: Any, model: SmallClassifier, batches: Batches, training: bool = True, once: bool = False
) -> Any:
    """Evaluate a classifier from train or eval mode; `once` passes the batches as an iterator."""
    return submission.evaluate(model.build().train(training), _loader(batches, once))


def state_before(secret: int, model: SmallClassifier) -> list[Tensor]:
    """Parameters and buffers drawn from a secret, without the counters of batch normalisation."""
    state = _floating_state(model.build())
    values = starting_values([tuple(value.shape) for value in state], secret, 1.0, 1.0)
    return [value.abs() for value in values]  # a variance is not negative


def trainable_before(secret: int, place: int, model: SmallClassifier) -> list[bool]:
    """Whether each parameter of the classifier at `place` requires grad: half do, in an order drawn from a secret."""
    flags = modes_before(secret >> 16)  # other bits than for the modes
    return [flags[(place + number) % len(flags)] for number, _ in enumerate(model.build().parameters())]


def classifiers_after_evaluations(
    submission: Any, secret: int, model: SmallClassifier, batches: Batches
) -> tuple[list[tuple[list[bool], list[Tensor]]], list[Tensor], list[tuple[list[bool], Tensor]]]:
    """Evaluate classifiers whose modes, `.grad`, numbers and requires_grad come from a secret; return their final
    state.

    For each classifier: the mode of each module, and the `.grad` of each parameter, empty if there is none. Then
    parameters and buffers, each a stack over all classifiers: many small tensors are too large for a transcript. Then
    for each classifier: whether each parameter requires grad, and the gradient of the sum of squares of its first
    parameter, empty if torch records none.
    """
    modes, states, rest = [], [], []
    for place, training in enumerate(modes_before(secret)):
        module = model.build().train(training)
        state = state_before(secret + place, model)
        with torch.no_grad():
            own = (value for value in module.state_dict().values() if value.is_floating_point())
            for value, number in zip(own, state, strict=True):
                value.copy_(number)
        params = list(module.parameters())
        grads, trainable = grads_before(secret + place, module), trainable_before(secret, place, model)
        for param, grad, requires_grad in zip(params, grads, trainable, strict=True):
            param.grad = grad
            param.requires_grad_(requires_grad)
        submission.evaluate(module, batches)
        leaf = state[0].clone().requires_grad_()
        squares = (leaf * leaf).sum()
        gradient = torch.autograd.grad(squares, leaf)[0] if squares.requires_grad else leaf.new_empty(0)
        left = [torch.empty(0) if param.grad is None else param.grad for param in params]
        modes.append(([bool(part.training) for part in module.modules()], left))
        states.append(_floating_state(module))
        rest.append(([param.requires_grad for param in params], gradient))
    return modes, [torch.stack(values) for values in zip(*states, strict=True)], rest


def train_and_keep(
    submission: Any, X_train: Tensor, y_train: Tensor, generator: torch.Generator, seed: int
) -> tuple[str, list[tuple[int, ...]], Tensor]:
    """Train a classifier with torch's global random state from `seed`, and keep it for the programs below.

    Returns the name of its type unless it is an nn.Module, else ""; the shapes of its parameters and buffers; and
    torch's global random state afterwards.
    """
    torch.manual_seed(seed)
    model = submission.train_classifier(X_train, y_train, generator)
    state = torch.get_rng_state()
    submission.kept_data = X_train, y_train
    if not isinstance(model, nn.Module):
        return type(model).__name__, [], state
    submission.kept_classifier = model
    return "", [tuple(tensor.shape) for tensor in (*model.parameters(), *model.buffers())], state


@computes_for(CLASSIFY_SECONDS)
def classify_with_kept(
    submission: Any, X: Tensor, alone: int = 0, secret: str = ""
) -> tuple[list[Any], Any, list[Any], str, list[str]]:
    """The outputs of the kept classifier in eval mode.

    Returns its outputs for batches of `X`, for the first batch again, and for each of the first `alone` rows
    separately; the exception of a single row, if any; and digests of the current training images and labels, keyed by a
    secret that training did not know.
    """
    model = submission.kept_classifier
    model.eval()
    batches = torch.split(X, CLASSIFIED_AT_ONCE)
    single, raised = [], ""
    with torch.no_grad():
        outputs, again = [_readable(model(batch)) for batch in batches], _readable(model(batches[0]))
        try:
            single = [_readable(model(X[row : row + 1])) for row in range(alone)]
        except Exception as error:
            raised = f"{type(error).__name__}: {error}"
    return outputs, again, single, raised, [keyed_digest(data, secret) for data in submission.kept_data]


def keyed_digest(tensor: Tensor, secret: str) -> str:
    """A digest of a tensor's dtype, shape and bytes, or "" if the bytes cannot be read."""
    found = hashlib.blake2b(f"{tensor.dtype} {tuple(tensor.shape)}".encode(), key=secret.encode(), digest_size=16)
    try:
        found.update(tensor.detach().contiguous().view(torch.uint8).numpy().data)
    except (RuntimeError, ValueError):
        return ""
    return found.hexdigest()


def _readable(output: Any) -> Any:
    """Logits in a dtype that can be sent, which bfloat16 cannot."""
    return output.float() if isinstance(output, Tensor) and output.dtype is torch.bfloat16 else output


def _loader(batches: Batches, once: bool) -> Iterable[tuple[Tensor, Tensor]]:
    return iter(batches) if once else batches


def _floating_state(module: nn.Module) -> list[Tensor]:
    """Parameters and buffers, without the counters of batch normalisation."""
    return [value.clone() for value in module.state_dict().values() if value.is_floating_point()]


def evaluate_in_turn(submission: Any, models: list[SmallClassifier], batches: Batches) -> list[tuple[float, float]]:
    """The results of `evaluate` for several classifiers."""
    return [submission.evaluate(model.build(), batches) for model in models]


def train_with_optimizer(
    submission: Any, name: str, model: SmallClassifier, batches: Batches, lr: float, num_epochs: int
) -> list[list[Tensor]]:
    """The weights after each epoch with the optimizer `name` from `make_optimizer`."""
    module = model.build()
    optimizer = submission.make_optimizer(name, module.parameters(), lr)
    states = []
    for _ in range(num_epochs):
        for X, y in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(X), y).backward()
            optimizer.step()
        states.append(_floating_state(module))
    return states
