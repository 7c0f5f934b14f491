"""Programs about mini-batches. Iterators and modules stay in the worker; numbers come back."""

import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from grader.toolkit.programs import seeded
from grader.toolkit.show import kind_of
from grader.toolkit.verdicts import WrongAnswerError


def iterate_minibatches(
    submission: Any,
    X: Tensor,
    y: Tensor,
    batch_size: int,
    generator: torch.Generator,
    drop_last: bool | None = None,
    num_epochs: int = 1,
) -> list[list[tuple[Tensor, Tensor]]]:
    """The batches of some epochs, drawn with one generator. An epoch is cut after n + 1 batches, since it might not
    end.

    `drop_last` is passed on only if given.
    """
    options = {} if drop_last is None else {"drop_last": drop_last}
    epochs = []
    for _ in range(num_epochs):
        batches = submission.minibatches(X, y, batch_size, generator, **options)
        epochs.append([(_copied(X_batch), _copied(y_batch)) for X_batch, y_batch in _pairs(batches, len(X) + 1)])
    return epochs


def shuffle_many_times(
    submission: Any, X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator, num_epochs: int
) -> Tensor:
    """The labels of many epochs in their order, (num_epochs, n)."""
    orders = []
    for _ in range(num_epochs):
        batches = submission.minibatches(X, y, batch_size, generator)
        orders.append(torch.cat([_copied(y_batch) for _, y_batch in _pairs(batches, len(X) + 1)]))
    return _stacked(orders, "The epochs of minibatches have")


def _pairs(batches: Any, limit: int) -> Iterator[tuple[Any, Any]]:
    """The first batches of an epoch."""
    if not hasattr(batches, "__iter__") and not hasattr(batches, "__getitem__"):
        raise WrongAnswerError(
            f"minibatches should return an iterator over pairs (X_batch, y_batch), but returned {kind_of(batches)}."
        )
    for batch in islice(batches, limit):
        if not isinstance(batch, list | tuple) or len(batch) != 2:
            raise WrongAnswerError(
                f"Each batch should be a pair (X_batch, y_batch), but minibatches gave {kind_of(batch)}. `yield` gives the "
                "pair of one batch and goes on; `return` ends the function."
            )
        yield batch[0], batch[1]


def sample_many_times(
    submission: Any, X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator, num_draws: int
) -> Tensor:
    """The labels of many batches, (num_draws, batch_size)."""
    draws = (submission.sample_minibatch(X, y, batch_size, generator)[1] for _ in range(num_draws))
    return _stacked([_copied(y_batch) for y_batch in draws], f"With batch_size {batch_size}, sample_minibatch returned")


def _stacked(labels: list[Any], begin: str) -> Tensor:
    sizes = sorted({one.numel() for one in labels if isinstance(one, Tensor)})
    if len(sizes) > 1:
        raise WrongAnswerError(f"{begin} different numbers of labels: {sizes[0]} and {sizes[-1]}.")
    return torch.stack(labels)


def _copied(batch: Any) -> Any:
    """A copy of a batch, since a batch may be a view of data that the next call overwrites."""
    return batch.clone() if isinstance(batch, Tensor) else batch


def sample_then_overwrite(
    submission: Any, X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """A batch after X and y were overwritten. Its values should not change."""
    own_X, own_y = X.clone(), y.clone()
    X_batch, y_batch = submission.sample_minibatch(own_X, own_y, batch_size, generator)
    own_X.fill_(-1)
    own_y.fill_(-1)
    return X_batch, y_batch


def data_afterwards(
    submission: Any, sampler: str, X: Tensor, y: Tensor, batch_size: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """X and y after a call of `sample_minibatch`, or after an epoch of `minibatches`."""
    own_X, own_y = X.clone(), y.clone()
    for _ in islice(getattr(submission, sampler)(own_X, own_y, batch_size, generator), len(X) + 1):
        pass
    return own_X, own_y


def measure_noise_many_times(
    submission: Any,
    per_example_grads: Tensor,
    batch_size: int,
    num_draws: int,
    generator: torch.Generator,
    num_calls: int,
) -> Tensor:
    """The results of many calls of `gradient_noise`, (num_calls,), float64."""
    noises = [submission.gradient_noise(per_example_grads, batch_size, num_draws, generator) for _ in range(num_calls)]
    return torch.tensor(noises, dtype=torch.float64)


def batch_gradients(
    submission: Any,
    weights: list[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    batches: list[tuple[Tensor, Tensor]],
    secret: int | None = None,
) -> tuple[list[Any], list[Any], list[Tensor]]:
    """Gradients of several batches in turn, on one network.

    Its `.grad` fields hold None before, or what `planted_gradients` makes from a secret. Returns the gradients of each
    batch, the `.grad` fields after the last batch, and the weights.
    """
    model = _network(weights)
    params = list(model.parameters())
    if secret is not None:
        for param, grad in zip(params, planted_gradients(weights, secret), strict=True):
            param.grad = grad
    gradients = [submission.minibatch_gradient(model, loss_fn, X, y) for X, y in batches]
    return gradients, [param.grad for param in params], [param.detach() for param in params]


def planted_gradients(weights: list[Tensor], secret: int) -> list[Tensor]:
    """Random numbers in the shapes of `weights`, from a secret."""
    generator = torch.Generator().manual_seed(secret)
    return [torch.randn(weight.shape, generator=generator, dtype=weight.dtype) for weight in weights]


def train_by_sgd(
    submission: Any,
    weights: list[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
    lr: float,
    batch_size: int,
    num_epochs: int,
    generator: torch.Generator,
    planted: bool = False,
) -> tuple[Any, list[Tensor]]:
    """Train a network from `weights`. With `planted`, its `.grad` fields hold ones before.

    Returns the result of `sgd`, and the weights afterwards.
    """
    model = _network(weights)
    params = list(model.parameters())  # the caller's tensors: replacing them is not training in place
    for param in params if planted else []:
        param.grad = torch.ones_like(param)
    losses = submission.sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator)
    return losses, [param.detach() for param in params]


def hover_in_epochs(
    submission: Any, points: Tensor, runs: list[tuple[float, int]], num_epochs: int, generator: torch.Generator
) -> Tensor:
    """The mean squared distance from 0 of the weights of `sgd`, over all steps but those of the first fifth, (runs,).

    Each run has a learning rate and a batch size. The loss of an example is half the squared distance from its point.
    """
    distances = []
    for lr, batch_size in runs:
        model = _Recorded(points.shape[1])
        labels = torch.zeros(len(points), dtype=torch.int64)
        submission.sgd(model, _half_squared_length, points, labels, lr, batch_size, num_epochs, generator)
        visited = torch.stack(model.visited[len(model.visited) // 5 :])
        distances.append(visited.square().sum(1).mean())
    return torch.stack(distances)


def paths_of_sgd(
    submission: Any, start: Tensor, lrs: list[float], batch_size: int, num_steps: int, seed: int
) -> Tensor:
    """The weights of `sgd` from `start` on, in a bowl of curvature 1, for each learning rate: (lrs, num_steps, weights).

    One epoch of normal random points with mean 0 and variance 1: no point comes twice, so every batch is an independent draw.
    """
    source = torch.Generator().manual_seed(seed)
    points = torch.randn(num_steps * batch_size, len(start), generator=source, dtype=start.dtype)
    labels = torch.zeros(len(points), dtype=torch.int64)
    paths = []
    for lr in lrs:
        model = _Recorded(len(start))
        with torch.no_grad():
            model.w.copy_(start)
        submission.sgd(model, _half_squared_length, points, labels, lr, batch_size, 1, source)
        paths.append(torch.stack(model.visited))
    return torch.stack(paths)


def _half_squared_length(outputs: Tensor, targets: Tensor) -> Tensor:
    return outputs.square().sum(1).mean() / 2


class _Recorded(nn.Module):
    """The differences of weights from points. It keeps the weights of every call."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(dim, dtype=torch.float64))
        self.visited: list[Tensor] = []

    def forward(self, X: Tensor) -> Tensor:
        self.visited.append(self.w.detach().clone())
        return self.w - X


def random_state_after_sgd(
    submission: Any,
    secret: int,
    weights: list[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
    lr: float,
    batch_size: int,
    num_epochs: int,
    generator: torch.Generator,
) -> Tensor:
    """Seed torch's global generator with a secret, train a network, and return the global state."""
    model = _network(weights)
    with seeded(secret):
        submission.sgd(model, loss_fn, X, y, lr, batch_size, num_epochs, generator)
        return torch.get_rng_state()


def train_by_sgd_and_record(
    submission: Any,
    weights: list[Tensor],
    labels: Tensor,
    X: Tensor,
    lr: float,
    batch_size: int,
    num_epochs: int,
    generator: torch.Generator,
) -> tuple[Any, list[Tensor], Tensor, Tensor]:
    """Train a network on cross-entropy, and record which examples each step uses.

    Instead of labels, `sgd` gets row numbers, and the loss looks the labels up: so it sees the rows of each batch.
    Returns the result of `sgd`, the weights, the rows of all batches in one tensor, and the size of each batch.
    """
    model = _network(weights)
    params = list(model.parameters())
    calls: list[Tensor] = []

    def loss_fn(outputs: Tensor, rows: Tensor) -> Tensor:
        calls.append(rows.detach().clone())
        return nn.functional.cross_entropy(outputs, labels[rows])

    losses = submission.sgd(model, loss_fn, X, torch.arange(len(X)), lr, batch_size, num_epochs, generator)
    batches = _joined(calls, batch_size)
    rows = torch.cat([torch.empty(0, dtype=torch.int64), *batches])
    lengths = torch.tensor([len(batch) for batch in batches], dtype=torch.int64)
    return losses, [param.detach() for param in params], rows, lengths


def _joined(calls: list[Tensor], batch_size: int) -> list[Tensor]:
    """Join calls of the loss on parts of a batch, such as single examples, to batches of `batch_size`, which divides n.

    Skips calls on more rows, and calls that repeat the last one: they belong to no step.
    """
    batches: list[Tensor] = []
    parts: list[Tensor] = []
    previous = None
    for rows in calls:
        if len(rows) > batch_size or (previous is not None and torch.equal(rows, previous)):
            continue
        parts.append(rows)
        previous = rows
        if sum(map(len, parts)) >= batch_size:
            batches.append(torch.cat(parts))
            parts = []
    return [*batches, *parts]


def _network(weights: list[Tensor]) -> nn.Sequential:
    """Flattening, then linear layers with tanh between them. `weights` are matrix and bias of each layer in turn."""
    layers: list[nn.Module] = [nn.Flatten()]
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        linear = nn.Linear(weight.shape[1], weight.shape[0], dtype=weight.dtype)
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.copy_(bias)
        layers += [linear, nn.Tanh()]
    return nn.Sequential(*layers[:-1])


def noise_of_batches(
    submission: Any, per_example_grads: Tensor, batch_sizes: list[int], num_draws: int, generator: torch.Generator
) -> list[float]:
    """The gradient noise of each batch size, with one generator."""
    return [submission.gradient_noise(per_example_grads, size, num_draws, generator) for size in batch_sizes]


def time_gradients(
    submission: Any,
    weights: list[Tensor],
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    X: Tensor,
    y: Tensor,
    batch_sizes: list[int],
    repeats: int,
) -> list[float]:
    """The seconds for a gradient of the first examples, for each batch size: the minimum of some repeats.

    The minimum excludes waiting for a busy machine. CPU time in a confined worker is too coarse.
    """
    model = _network(weights)
    times = []
    for size in batch_sizes:
        X_batch, y_batch = X[:size], y[:size]
        taken = []
        for _ in range(repeats):
            before = time.perf_counter()
            submission.minibatch_gradient(model, loss_fn, X_batch, y_batch)
            taken.append(time.perf_counter() - before)
        times.append(min(taken))
    return times
