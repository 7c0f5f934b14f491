"""Programs about training with torch.optim: models and optimizers stay in the worker, their numbers come back."""

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
CLASSIFIED_AT_ONCE = 1000
# Ten times what the reference needs for 10,000 images, and fifty times what the largest network without convolutions does. A
# network that needs more would meet 15,000 images in a training of a minute, which costs three times as much an image.
CLASSIFY_SECONDS = 15.0


def optimizer_path(
    submission: Any, name: str, weights: list[Tensor], gradients: list[list[Tensor]], lr: float, once: bool = False
) -> list[list[Tensor]]:
    """The weights after each step of what `make_optimizer` gives; none if that is no optimizer of torch.optim.

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
    """Ask for an optimizer that there is not."""
    submission.make_optimizer(name, [nn.Parameter(torch.ones(1))], 0.1)


def train_small_classifier(
    submission: Any,
    model: SmallClassifier,
    epochs: list[Batches],
    lr: float,
    momentum: float,
    training: bool = True,
    once: bool = False,
) -> tuple[list[Any], list[list[Tensor]], Tensor]:
    """Train for some epochs with one `torch.optim.SGD`, from train or eval mode.

    `once` passes each epoch's batches as an iterator. Returns what `train_epoch` returned, the parameters and buffers after
    each epoch, and the logits of the first batch in the mode in which the model is left.
    """
    module = model.build().train(training)
    optimizer = torch.optim.SGD(module.parameters(), lr=lr, momentum=momentum)
    results, states = [], []
    for batches in epochs:
        results.append(submission.train_epoch(module, _loader(batches, once), optimizer))
        states.append(_floating_state(module))
    with torch.no_grad():
        return results, states, module(epochs[0][0][0])


def evaluate_small_classifier(
    submission: Any, model: SmallClassifier, batches: Batches, training: bool = True, once: bool = False
) -> Any:
    """Evaluate a classifier from train or eval mode; `once` passes the batches as an iterator."""
    return submission.evaluate(model.build().train(training), _loader(batches, once))


def state_before(secret: int, model: SmallClassifier) -> list[Tensor]:
    """Parameters and buffers that a secret tells, without the counts that batch normalisation keeps."""
    state = _floating_state(model.build())
    values = starting_values([tuple(value.shape) for value in state], secret, 1.0, 1.0)
    return [value.abs() for value in values]  # a variance is not negative


def trainable_before(secret: int, place: int, model: SmallClassifier) -> list[bool]:
    """Whether each parameter requires grad, in the classifier at this place: both as often, in an order that a secret tells."""
    flags = modes_before(secret >> 16)  # other bits than those of the modes
    return [flags[(place + number) % len(flags)] for number, _ in enumerate(model.build().parameters())]


def classifiers_after_evaluations(
    submission: Any, secret: int, model: SmallClassifier, batches: Batches
) -> tuple[list[tuple[list[bool], list[Tensor]]], list[tuple[list[Tensor], list[bool], Tensor]]]:
    """Evaluate classifiers with modes, `.grad`, numbers and requires_grad that a secret tells, and return what is left.

    For each classifier: the mode of each module, and the `.grad` of each parameter, empty where there is none; then its
    parameters and buffers, whether each parameter requires grad, and a gradient, of the sum of the squares of all numbers of
    its first parameter, which is empty where torch records none.
    """
    modes, rest = [], []
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
        rest.append((_floating_state(module), [param.requires_grad for param in params], gradient))
    return modes, rest


def train_and_keep(
    submission: Any, X_train: Tensor, y_train: Tensor, generator: torch.Generator, seed: int
) -> tuple[str, list[tuple[int, ...]], Tensor]:
    """Train a classifier, with torch's global random state of this seed, and keep it here for the programs below.

    Returns the name of its type if it is no nn.Module, else "", the shapes of its parameters and buffers, and torch's global
    random state afterwards.
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
    """What the classifier that was kept gives in eval mode.

    Returns its outputs for batches of `X`, for the first batch again, and for each of the first `alone` rows by itself; the
    exception that a row by itself raised, if one did; and digests, by a secret that training did not know, of the training
    images and labels as they are now.
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
    """A digest of a tensor's dtype, shape and bytes; "" of what has no bytes to read any more."""
    found = hashlib.blake2b(f"{tensor.dtype} {tuple(tensor.shape)}".encode(), key=secret.encode(), digest_size=16)
    try:
        found.update(tensor.detach().contiguous().view(torch.uint8).numpy().data)
    except (RuntimeError, ValueError):
        return ""
    return found.hexdigest()


def _readable(output: Any) -> Any:
    """Logits in a dtype that travels, which bfloat16 does not."""
    return output.float() if isinstance(output, Tensor) and output.dtype is torch.bfloat16 else output


def _loader(batches: Batches, once: bool) -> Iterable[tuple[Tensor, Tensor]]:
    return iter(batches) if once else batches


def _floating_state(module: nn.Module) -> list[Tensor]:
    """Parameters and buffers, without the counts that batch normalisation keeps."""
    return [value.clone() for value in module.state_dict().values() if value.is_floating_point()]


def evaluate_in_turn(submission: Any, models: list[SmallClassifier], batches: Batches) -> list[tuple[float, float]]:
    """What `evaluate` gives for each of some classifiers."""
    return [submission.evaluate(model.build(), batches) for model in models]


def train_with_optimizer(
    submission: Any, name: str, model: SmallClassifier, batches: Batches, lr: float, num_epochs: int
) -> list[list[Tensor]]:
    """The weights after each epoch with the optimizer of this name from `make_optimizer`."""
    module = model.build()
    optimizer = submission.make_optimizer(name, module.parameters(), lr)
    states = []
    for _ in range(num_epochs):
        for X, y in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(X), y).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        states.append(_floating_state(module))
    return states
