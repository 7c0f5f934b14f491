"""Data whose rows can be told apart, and what a batch of them must be."""

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from torch import Tensor

from grader.toolkit import show
from grader.toolkit.closeness import EXACT, expect, expect_close
from grader.toolkit.verdicts import Row

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

    @property
    def setting(self) -> str:
        """The numbers that matter, for labels."""
        return f"n = {self.n}, batch_size = {self.batch_size}"


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
    where = f"{name}, for {data.setting}"
    kind = f"a tensor of shape ({size},) and dtype int64"
    right = y_batch.shape == (size,) and y_batch.dtype == torch.int64
    row = Row(f"y_batch of {where}", kind, show.kind_of(y_batch), not right)
    expect(right, f"y_batch of {name} is {row.got}, but {kind} was expected.", (row,))
    rows = (y_batch - FIRST_LABEL).tolist()
    row = Row(f"labels of {where}", f"some of {show.value(data.y)}", show.value(y_batch), True)
    expect(all(0 <= number < data.n for number in rows), f"The labels of {name} are not from y.", (row,))
    expect(len(set(rows)) == size, f"An example comes twice in {name}.", (row,))
    expect_close({f"X_batch of {where}, at the labels {show.value(y_batch)}": (X_batch, data.X[rows])}, EXACT)
    return rows
