"""Data whose rows can be told apart, what a batch of them must be, and runs of SGD that tell which batches they used."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import EXACT, expect, expect_close
from grader.toolkit.oracles.networks import Loss, descend, expect_losses, loss_and_gradient, outputs
from grader.toolkit.verdicts import Row, WrongAnswerError

# Relative and absolute, of the losses that `sgd` returns: they may have been collected in a float32 tensor.
RETURNED_LOSS = (1e-5, 1e-7)
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
        Raises WrongAnswerError at the first loss that belongs to no possible batch.
        """
        sizes = [min(self.batch_size, len(self.X) - start) for start in range(0, len(self.X), self.batch_size)]
        expect_losses(losses, self.num_epochs * len(sizes))
        weights, used = self._follow(self.weights, losses, [], sizes * self.num_epochs)
        return weights, [used[start : start + len(sizes)] for start in range(0, len(used), len(sizes))]

    def _follow(
        self, weights: list[Tensor], losses: list[float], used: list[tuple[int, ...]], sizes: list[int]
    ) -> tuple[list[Tensor], list[tuple[int, ...]]]:
        """Take the steps after those that used the batches `used`.

        Two batches may have the same loss as far as float32 can tell: then the nearer is followed first, and the other
        one if the losses after it belong to no batch.
        """
        step = len(used)
        if step == len(losses):
            return weights, used
        wrong = None
        for rows in self._batches_with(losses[step], weights, used, sizes[step]):
            batch = list(rows)
            _, gradient = loss_and_gradient(weights, self.loss_fn, self.X[batch], self.y[batch])
            try:
                return self._follow(descend(weights, gradient, self.lr), losses, [*used, rows], sizes)
            except WrongAnswerError as error:
                wrong = wrong or error
        assert wrong is not None
        raise wrong

    def _batches_with(
        self, loss: float, weights: list[Tensor], used: list[tuple[int, ...]], size: int
    ) -> list[tuple[int, ...]]:
        """The possible batches whose loss this is, nearest first; WrongAnswerError if there are none."""
        per_epoch = -(-len(self.X) // self.batch_size)
        epoch, place = divmod(len(used), per_epoch)
        gone = {row for batch in used[len(used) - place :] for row in batch}
        left = [row for row in range(len(self.X)) if row not in gone]
        single = {row: float(self.loss_fn(outputs(weights, self.X[[row]]), self.y[[row]])) for row in left}
        distances = {rows: abs(sum(single[row] for row in rows) / size - loss) for rows in combinations(left, size)}
        ranked = sorted(distances, key=distances.__getitem__)
        relative, absolute = RETURNED_LOSS
        found = [rows for rows in ranked if distances[rows] <= absolute + relative * abs(loss)]
        nearest = sum(single[row] for row in ranked[0]) / size
        expected = f"that of {size} of the {len(left)} examples left, for instance {show.number(nearest)}"
        row = Row(f"loss of step {len(used) + 1} (epoch {epoch + 1})", expected, show.number(loss), True)
        message = (
            f"The loss of step {len(used) + 1} (epoch {epoch + 1}) belongs to no batch that is possible there: {size} of the "
            f"{len(left)} examples that the epoch has not used, at the weights where steps of w - lr * g lead. Either the batch "
            "is another one, or a step before it is."
        )
        expect(bool(found), message, (row,))
        return found
