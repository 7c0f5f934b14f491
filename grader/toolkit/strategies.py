"""Strategies of hypothesis for tensors and arrays of short decimals, so that counterexamples read well."""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from grader.toolkit.lazy_torch import torch


def clones(tensors: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Copies of tensors that share nothing with them."""
    return [tensor.detach().clone() for tensor in tensors]


@cache
def arrays(
    shape: tuple[int, ...], numbers: tuple[float, ...], dtype: npt.DTypeLike = np.float64
) -> st.SearchStrategy[npt.NDArray[Any]]:
    """Arrays of numpy of one shape with entries from `numbers`, the simplest of which comes first."""
    size = math.prod(shape)
    entries = st.lists(st.sampled_from(numbers), min_size=size, max_size=size)
    return entries.map(lambda values: np.array(values, dtype).reshape(shape))


@cache  # making a strategy takes longer than a draw from it
def tensors(shape: tuple[int, ...], numbers: tuple[float, ...], dtype: torch.dtype) -> st.SearchStrategy[torch.Tensor]:
    """Tensors of one shape with entries from `numbers`, the simplest of which comes first."""
    size = math.prod(shape)
    entries = st.lists(st.sampled_from(numbers), min_size=size, max_size=size)
    return entries.map(lambda values: torch.tensor(values, dtype=dtype).reshape(shape))
