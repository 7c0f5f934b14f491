"""Data with rows that differ, the checks of a batch, and runs of SGD whose losses identify their batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import EXACT, expect, expect_close
from grader.toolkit.text import number_text
from grader.toolkit.verdicts import Row

from .oracles import Loss, descend, expect_losses, loss_and_gradient, outputs

# Relative and absolute, for the losses that `sgd` returns: a submission may collect them in a float32 tensor.
RETURNED_LOSS = (1e-5, 1e-7)
MOST_PATHS = 16  # the most sequences of batches that a replay follows
FIRST_LABEL = 100  # of example 0; example i has label 100 + i, so labels and row numbers differ

_ROW_SHAPES: tuple[tuple[int, ...], ...] = ((1,), (2,), (), (2, 3))


@dataclass
class Batching:
    """Data X (n, ...) and y (n,) with different rows, a batch size, and the seed of the generator."""

    X: Tensor
    y: Tensor
    batch_size: int
    seed: int

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def generator(self) -> torch.Generator:
        """A new generator with this seed."""
        return torch.Generator().manual_seed(self.seed)


def numbered(
    n: int, batch_size: int, row: tuple[int, ...] = (1,), seed: int = 0, dtype: torch.dtype = torch.float64
) -> Batching:
    """Numbered data: example i has label 100 + i and starts with the number i."""
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
    """Raise WrongAnswerError unless a batch holds `size` rows of `data`, with their labels. Return the row numbers."""
    kind = f"a tensor of shape ({size},) and dtype int64"
    right = y_batch.shape == (size,) and y_batch.dtype == torch.int64
    row = Row(f"y of {name}", kind, show.kind_of(y_batch), not right)
    expect(right, f"y of {name} is {row.got}, but should be {kind}.", (row,))
    rows = (y_batch - FIRST_LABEL).tolist()
    row = Row(f"y of {name}", f"{size} of {show.value(data.y)}", show.value(y_batch), True)
    expect(all(0 <= number < data.n for number in rows), f"{name} has labels that are not in y.", (row,))
    expect(len(set(rows)) == size, f"The same example is twice in {name}.", (row,))
    expect_close({f"X of {name} (its y is {show.value(y_batch)})": (X_batch, data.X[rows])}, EXACT)
    return rows


def expect_epoch(data: Batching, batches: list[tuple[Tensor, Tensor]], sizes: list[int]) -> list[list[int]]:
    """Raise WrongAnswerError unless the batches have these sizes and share no example. Return the row numbers."""
    got = [len(y_batch) if y_batch.dim() else 0 for _, y_batch in batches]
    row = Row("batch sizes", str(sizes), show.value(got), True)
    expect(got == sizes, "The batches of an epoch have the wrong sizes.", (row,))
    rows: list[list[int]] = []
    for place, ((X_batch, y_batch), size) in enumerate(zip(batches, sizes, strict=True), 1):
        new = expect_rows_of(data, X_batch, y_batch, size, f"batch {place}")
        twice = [FIRST_LABEL + number for batch in rows for number in batch if number in new]
        row = Row(f"y of batch {place}", f"none of {twice}, which earlier batches use", show.value(y_batch), True)
        expect(not twice, "The same example is in two batches of an epoch.", (row,))
        rows.append(new)
    return rows


def expect_epochs(
    data: Batching, epochs: list[list[tuple[Tensor, Tensor]]], count: int, sizes: list[int]
) -> list[list[list[int]]]:
    """Check each of `count` epochs in the same way."""
    expect_close({"number of epochs": (len(epochs), count)})
    return [expect_epoch(data, batches, sizes) for batches in epochs]


def expect_shape(what: str, got: Tensor, shape: tuple[int, ...], dtype: torch.dtype | None = None) -> None:
    """Raise WrongAnswerError unless a tensor has this shape, and this dtype if given."""
    row = Row(f"shape of {what}", str(shape), str(tuple(got.shape)), True)
    expect(tuple(got.shape) == shape, f"The shape of {what} is {tuple(got.shape)}, but should be {shape}.", (row,))
    if dtype is not None:
        kind, wanted = (str(one).removeprefix("torch.") for one in (got.dtype, dtype))
        expect(got.dtype == dtype, f"The dtype of {what} is {kind}, but should be {wanted}.")


@dataclass(frozen=True)
class Training:
    """A run of `sgd`: the first weights, the data and the arguments. X (n, d) is in general position."""

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
        """Find from the losses which batch each step used. Return the final weights and the batches.

        The weights before a step are known here, so the loss of every possible batch is known, too. An epoch may use
        each example once. Within float32's accuracy, two batches may have the same loss: then the replay follows both,
        but at most the best `MOST_PATHS` paths. Raises WrongAnswerError at the first loss that no possible batch has.
        """
        sizes = [min(self.batch_size, len(self.X) - start) for start in range(0, len(self.X), self.batch_size)]
        expect_losses(losses, self.num_epochs * len(sizes))
        paths = [_Path(self.weights)]
        for step, loss in enumerate(losses):
            epoch, place = divmod(step, len(sizes))
            found = [
                fit for path in paths for fit in self._candidates(path, loss, path.used[step - place :], sizes[place])
            ]
            fitting = sorted(
                (fit for fit in found if fit.distance <= fit.path.distance + 1), key=lambda fit: fit.distance
            )
            self._expect_some(fitting, min(found, key=lambda fit: fit.distance), loss, step, epoch)
            paths = [self._step(fit) for fit in fitting[:MOST_PATHS]]
        used = paths[0].used
        return paths[0].weights, [list(used[start : start + len(sizes)]) for start in range(0, len(used), len(sizes))]

    def _candidates(self, path: "_Path", loss: float, used: Sequence[tuple[int, ...]], size: int) -> list["_Candidate"]:
        """Every batch that is possible next, and how far the loss is from its own loss; up to 1 is accepted."""
        left = sorted({*range(len(self.X))} - {row for batch in used for row in batch})
        single = {row: float(self.loss_fn(outputs(path.weights, self.X[[row]]), self.y[[row]])) for row in left}
        relative, absolute = RETURNED_LOSS
        allowed = absolute + relative * abs(loss)
        means = {rows: sum(single[row] for row in rows) / size for rows in combinations(left, size)}
        return [
            _Candidate(path, rows, mean, path.distance + abs(mean - loss) / allowed) for rows, mean in means.items()
        ]

    def _step(self, fit: "_Candidate") -> "_Path":
        batch = list(fit.rows)
        _, gradient = loss_and_gradient(fit.path.weights, self.loss_fn, self.X[batch], self.y[batch])
        return _Path(descend(fit.path.weights, gradient, self.lr), (*fit.path.used, fit.rows), fit.distance)

    def _expect_some(
        self, fitting: list["_Candidate"], nearest: "_Candidate", loss: float, step: int, epoch: int
    ) -> None:
        size, left = len(nearest.rows), len(self.X) - step % -(-len(self.X) // self.batch_size) * self.batch_size
        expected = f"the loss of {size} of {left} unused examples, for instance {number_text(nearest.loss)}"
        row = Row(f"loss of step {step + 1} (epoch {epoch + 1})", expected, number_text(loss), True)
        message = (
            f"Step {step + 1} (epoch {epoch + 1}): no batch of {size} of the {left} unused examples gives this loss. "
            "Check the batch, the step before it, and when you compute the loss."
        )
        expect(bool(fitting), message, (row,))


@dataclass(frozen=True)
class _Path:
    """A sequence of batches that explains the losses so far: its final weights, its batches, and its distance."""

    weights: list[Tensor]
    used: tuple[tuple[int, ...], ...] = ()
    distance: float = 0.0


@dataclass(frozen=True)
class _Candidate:
    """A batch that may continue a path, its loss there, and the distance of all losses so far."""

    path: _Path
    rows: tuple[int, ...]
    loss: float
    distance: float
