"""Programs about training with torch.optim: models and optimizers stay in the worker, their numbers come back."""

import hashlib
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.problems.training import SmallClassifier

Batches = list[tuple[Tensor, Tensor]]
CLASSIFIED_AT_ONCE = 1000


def optimizer_path(
    submission: Any, name: str, weights: list[Tensor], gradients: list[list[Tensor]], lr: float, once: bool = False
) -> tuple[bool, list[list[Tensor]]]:
    """Tell whether `make_optimizer` gives an optimizer of torch.optim, and the weights after each of its steps.

    `gradients` holds a list per step; `once` passes the parameters as an iterator.
    """
    params = [nn.Parameter(weight.clone()) for weight in weights]
    optimizer = submission.make_optimizer(name, iter(params) if once else params, lr)
    if not isinstance(optimizer, torch.optim.Optimizer):
        return False, []
    path = []
    for grads in gradients:
        for param, grad in zip(params, grads, strict=True):
            param.grad = grad.clone()
        optimizer.step()
        path.append([param.detach().clone() for param in params])
    return True, path


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
) -> tuple[list[Any], list[list[Tensor]], list[bool]]:
    """Train for some epochs with one `torch.optim.SGD`, from train or eval mode.

    `once` passes each epoch's batches as an iterator. Returns what `train_epoch` returned, the parameters and buffers after
    each epoch, and the mode of each module at the end.
    """
    module = model.build().train(training)
    optimizer = torch.optim.SGD(module.parameters(), lr=lr, momentum=momentum)
    results, states = [], []
    for batches in epochs:
        results.append(submission.train_epoch(module, _loader(batches, once), optimizer))
        states.append(_floating_state(module))
    return results, states, [part.training for part in module.modules()]


def evaluate_small_classifier(
    submission: Any, model: SmallClassifier, batches: Batches, training: bool = True, once: bool = False
) -> tuple[Any, list[Tensor], list[bool], bool, list[bool]]:
    """Evaluate a classifier from train or eval mode; the `.grad` of each parameter is its own values.

    `once` passes the batches as an iterator. Returns what `evaluate` returned; then, as they are afterwards, parameters,
    buffers and gradients, the mode of each module, whether torch still records gradients, and for
    each parameter whether it requires grad.
    """
    module = model.build().train(training)
    for param in module.parameters():
        param.grad = param.detach().clone()
    result = submission.evaluate(module, _loader(batches, once))
    recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    left = [param.new_empty(0) if param.grad is None else param.grad for param in module.parameters()]
    modes, trainable = (
        [part.training for part in module.modules()],
        [param.requires_grad for param in module.parameters()],
    )
    return result, [*_floating_state(module), *left], modes, recording, trainable


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
