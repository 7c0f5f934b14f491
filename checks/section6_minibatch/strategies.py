"""Data whose rows can be told apart, what a batch of them must be, and runs of SGD that tell which batches they used."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import EXACT, expect, expect_close
from grader.toolkit.verdicts import Row

from .oracles import Loss, descend, expect_losses, loss_and_gradient, outputs

# Relative and absolute, of the losses that `sgd` returns: they may have been collected in a float32 tensor.
RETURNED_LOSS = (1e-5, 1e-7)
MOST_WAYS = 16  # that a replay follows side by side
FIRST_LABEL = 100  # of example 0; example i has label 100 + i, so that a label is never mistaken for a row number

_ROW_SHAPES: tuple[tuple[int, ...], ...] = ((1,), (2,), (), (2, 3))


@dataclass
class Batching:
    """Data X (n, ...) and y (n,), all rows different, the number of rows in a batch, and a seed to draw them with."""

    X: Tensor
    y: Tensor
    batch_size: int
    seed: int

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def generator(self) -> torch.Generator:
        """A new generator in the state that the seed gives."""
        return torch.Generator().manual_seed(self.seed)


def numbered(
    n: int, batch_size: int, row: tuple[int, ...] = (1,), seed: int = 0, dtype: torch.dtype = torch.float64
) -> Batching:
    """Data that counts: example i has label 100 + i and begins with the number i."""
    X = torch.arange(n, dtype=dtype).reshape(n, *[1] * len(row)) + torch.linspace(0, 0.5, _size(row)).to(dtype).reshape(
        row
    )
    return Batching(X, FIRST_LABEL + torch.arange(n), batch_size, seed)


def _size(shape: tuple[int, ...]) -> int:
    return torch.Size(shape).numel()


@st.composite
def batchings(draw: st.DrawFn) -> Batching:
    """Data of a few examples with rows of any shape, and a batch size from 1 to n."""
    n = draw(st.sampled_from((3, 2, 5, 1, 4, 8)))
    batch_size = draw(st.integers(1, n))
    return numbered(n, batch_size, draw(st.sampled_from(_ROW_SHAPES)), draw(st.integers(0, 99)))


def expect_rows_of(data: Batching, X_batch: Tensor, y_batch: Tensor, size: int, name: str) -> list[int]:
    """Raise WrongAnswerError unless a batch holds `size` rows of `data`, examples and labels together; return their numbers."""
    kind = f"a tensor of shape ({size},) and dtype int64"
    right = y_batch.shape == (size,) and y_batch.dtype == torch.int64
    row = Row(f"y of {name}", kind, show.kind_of(y_batch), not right)
    expect(right, f"y of {name} is {row.got}, but {kind} was expected.", (row,))
    rows = (y_batch - FIRST_LABEL).tolist()
    row = Row(f"y of {name}", f"{size} of {show.value(data.y)}", show.value(y_batch), True)
    expect(all(0 <= number < data.n for number in rows), f"The labels of {name} are not from y.", (row,))
    expect(len(set(rows)) == size, f"An example comes twice in {name}.", (row,))
    expect_close({f"X of {name} (its y is {show.value(y_batch)})": (X_batch, data.X[rows])}, EXACT)
    return rows


def expect_epoch(data: Batching, batches: list[tuple[Tensor, Tensor]], sizes: list[int]) -> list[list[int]]:
    """Raise WrongAnswerError unless the batches have these sizes and share no example; return their rows' numbers."""
    got = [len(y_batch) if y_batch.dim() else 0 for _, y_batch in batches]
    row = Row("batch sizes", str(sizes), show.value(got), True)
    expect(got == sizes, "The batches of an epoch have the wrong sizes.", (row,))
    rows: list[list[int]] = []
    for place, ((X_batch, y_batch), size) in enumerate(zip(batches, sizes, strict=True), 1):
        new = expect_rows_of(data, X_batch, y_batch, size, f"batch {place}")
        twice = [FIRST_LABEL + number for batch in rows for number in batch if number in new]
        row = Row(f"y of batch {place}", f"none of {twice}, which came before", show.value(y_batch), True)
        expect(not twice, "An example is in two batches of one epoch.", (row,))
        rows.append(new)
    return rows


def expect_epochs(
    data: Batching, epochs: list[list[tuple[Tensor, Tensor]]], count: int, sizes: list[int]
) -> list[list[list[int]]]:
    """The same for each of `count` epochs."""
    expect_close({"number of epochs": (len(epochs), count)})
    return [expect_epoch(data, batches, sizes) for batches in epochs]


def expect_shape(what: str, got: Tensor, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> None:
    """Raise WrongAnswerError unless a tensor has this shape, and this dtype, if one is given."""
    row = Row(f"shape of {what}", str(shape), str(tuple(got.shape)), True)
    expect(tuple(got.shape) == shape, f"The shape of {what} is {tuple(got.shape)}, but {shape} was expected.", (row,))
    if dtype is not None:
        kind, wanted = (str(one).removeprefix("torch.") for one in (got.dtype, dtype))
        expect(got.dtype == dtype, f"The dtype of {what} is {kind}, but {wanted} was expected.")


@dataclass(frozen=True)
class Training:
    """A run of `sgd`: where it starts, on what, and with which numbers. X (n, d) is in general position."""

    weights: list[Tensor]
    loss_fn: Loss
    X: Tensor
    y: Tensor
    lr: float
    batch_size: int
    num_epochs: int

    def arguments(self, seed: int) -> tuple[Any, ...]:
        """For `programs.minibatch.train_by_sgd`, with a new generator."""
        generator = torch.Generator().manual_seed(seed)
        return (self.weights, self.loss_fn, self.X, self.y, self.lr, self.batch_size, self.num_epochs, generator)

    def replay(self, losses: Any) -> tuple[list[Tensor], list[list[tuple[int, ...]]]]:
        """Find out from the losses of all steps which batch each step used; return the weights after it all, and the batches.

        The weights before a step are known here, so the loss of every possible batch is. An epoch may use each example once.
        Two batches may have the same loss as far as float32 can tell: then both ways are followed, but never more than
        `MOST_WAYS`, those that fit best. Raises WrongAnswerError at the first loss that belongs to no possible batch.
        """
        sizes = [min(self.batch_size, len(self.X) - start) for start in range(0, len(self.X), self.batch_size)]
        expect_losses(losses, self.num_epochs * len(sizes))
        ways = [_Way(self.weights)]
        for step, loss in enumerate(losses):
            epoch, place = divmod(step, len(sizes))
            found = [fit for way in ways for fit in self._fits(way, loss, way.used[step - place :], sizes[place])]
            fitting = sorted((fit for fit in found if fit.misfit <= fit.way.misfit + 1), key=lambda fit: fit.misfit)
            self._expect_some(fitting, min(found, key=lambda fit: fit.misfit), loss, step, epoch)
            ways = [self._step(fit) for fit in fitting[:MOST_WAYS]]
        used = ways[0].used
        return ways[0].weights, [list(used[start : start + len(sizes)]) for start in range(0, len(used), len(sizes))]

    def _fits(self, way: "_Way", loss: float, gone: Sequence[tuple[int, ...]], size: int) -> list["_Fit"]:
        """Every batch that is possible next, with how far the loss is from its own; 1 is as far as is let pass."""
        left = sorted({*range(len(self.X))} - {row for batch in gone for row in batch})
        single = {row: float(self.loss_fn(outputs(way.weights, self.X[[row]]), self.y[[row]])) for row in left}
        relative, absolute = RETURNED_LOSS
        allowed = absolute + relative * abs(loss)
        means = {rows: sum(single[row] for row in rows) / size for rows in combinations(left, size)}
        return [_Fit(way, rows, mean, way.misfit + abs(mean - loss) / allowed) for rows, mean in means.items()]

    def _step(self, fit: "_Fit") -> "_Way":
        batch = list(fit.rows)
        _, gradient = loss_and_gradient(fit.way.weights, self.loss_fn, self.X[batch], self.y[batch])
        return _Way(descend(fit.way.weights, gradient, self.lr), (*fit.way.used, fit.rows), fit.misfit)

    def _expect_some(self, fitting: list["_Fit"], nearest: "_Fit", loss: float, step: int, epoch: int) -> None:
        size, left = len(nearest.rows), len(self.X) - step % -(-len(self.X) // self.batch_size) * self.batch_size
        expected = f"that of {size} of the {left} examples left, for instance {show.number(nearest.loss)}"
        row = Row(f"loss of step {step + 1} (epoch {epoch + 1})", expected, show.number(loss), True)
        message = (
            f"The loss of step {step + 1} (epoch {epoch + 1}) belongs to no batch that is possible there: {size} of the "
            f"{left} examples that the epoch has not used, at the weights where steps of w - lr * g lead. Either the batch "
            "is another one, or a step before it is."
        )
        expect(bool(fitting), message, (row,))


@dataclass(frozen=True)
class _Way:
    """A way in which the losses so far may have come about: the weights that it leads to, its batches, and how badly it fits."""

    weights: list[Tensor]
    used: tuple[tuple[int, ...], ...] = ()
    misfit: float = 0.0


@dataclass(frozen=True)
class _Fit:
    """A batch that may follow a way, its loss there, and how badly the two fit the losses."""

    way: _Way
    rows: tuple[int, ...]
    loss: float
    misfit: float
