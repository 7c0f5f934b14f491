"""Digests of results, for a comparison with a result that is not at hand: equal up to rounding means a common digest.

Numbers are rounded to a grid before they are hashed. A number near the border of two cells may fall into either on another
machine, so such a result has the digests of both.
"""

import hashlib
import math
from collections.abc import Iterator
from itertools import islice, product
from typing import Any

import msgspec
import numpy as np

from grader.diagnosis.replay import TELLING, CallResult
from grader.toolkit.lazy_torch import as_array, torch

BYTES = 4  # of a digest: one in four thousand million wrong results has it by chance
_MOST_NUMBERS = 32  # of an array; of a larger one, so many are looked at
_MOST_UNCLEAR = 8  # numbers near a border; a result with more has no digest
_SMALLEST = 1e-6  # an array whose largest number is below this is rounded as if that were the largest
# Cells per largest number, and the part of a cell at its border that counts as unclear.
_GRIDS = {"double": (1 << 16, 0.01), "single": (1 << 8, 0.01)}
_SHIFT = 0.377  # in powers of two: so that no round number lies where the size of the cells changes

_encode = msgspec.msgpack.Encoder().encode


class _Unclear:
    """A number between two cells."""

    def __init__(self, *cells: int) -> None:
        self.cells = cells


def digests_of(result: CallResult, single: bool) -> frozenset[bytes]:
    """The digests of a call's result. Usually one; none if too much of it is unclear."""
    if result.raised and result.raised not in TELLING:
        return _hashed(["raised"])  # which exception it is depends on the library, as `agree` has it
    changes = [[index, _cells(result.changes[index], single)] for index in sorted(result.changes)]
    return _hashed([result.raised, _cells(result.value, single), changes, list(map(list, result.switches))])


def digests_of_features(parts: list[dict[str, Any]]) -> frozenset[bytes]:
    """The digests of what a probe finds."""
    return _hashed([_cells(part, single=False) for part in parts])


def _hashed(tree: Any) -> frozenset[bytes]:
    unclear: list[_Unclear] = []
    flat = list(_flat(tree))
    unclear = [item for item in flat if isinstance(item, _Unclear)]
    if len(unclear) > _MOST_UNCLEAR:
        return frozenset()
    found = set()
    for chosen in product(*(item.cells for item in unclear)):
        cells = iter(chosen)
        plain = [next(cells) if isinstance(item, _Unclear) else item for item in flat]
        found.add(hashlib.sha256(_encode(plain)).digest()[:BYTES])
    return frozenset(found)


def _flat(tree: Any) -> Iterator[Any]:
    if isinstance(tree, list):
        yield f"[{len(tree)}"
        for item in tree:
            yield from _flat(item)
    else:
        yield tree


def _cells(value: Any, single: bool) -> Any:
    """A value as lists, words and numbers of cells."""
    if isinstance(value, torch.Tensor | np.ndarray):
        kind = "array" if isinstance(value, np.ndarray) else "tensor"
        array = as_array(value)
        return [kind, str(array.dtype), list(array.shape), *_of_array(array)]
    if type(value) is float:
        return ["float", *_of_numbers([value], "single" if single else "double")]
    if type(value) is complex:
        return ["complex", *_of_numbers([value.real, value.imag], "single" if single else "double")]
    if isinstance(value, set | frozenset):
        return [type(value).__name__, *sorted(map(str, value))]
    if isinstance(value, list | tuple):
        return [type(value).__name__, *(_cells(item, single) for item in value)]
    if isinstance(value, dict):
        return ["dict", *([str(key), _cells(item, single)] for key, item in sorted(value.items(), key=str))]
    return [type(value).__name__, str(value)]


def _of_array(array: np.ndarray) -> list[Any]:
    flat = array.reshape(-1)
    numbers = flat[:: max(1, math.ceil(flat.size / _MOST_NUMBERS))]
    if numbers.dtype.kind == "c":
        numbers = np.stack([numbers.real, numbers.imag], -1).reshape(-1)
    if numbers.dtype.kind != "f":
        return [str(number) for number in numbers.tolist()]
    return _of_numbers(numbers.astype(np.float64).tolist(), "double" if array.dtype == np.float64 else "single")


def _of_numbers(numbers: list[float], grid: str) -> list[Any]:
    cells, border = _GRIDS[grid]
    largest = max((abs(number) for number in numbers if math.isfinite(number)), default=0.0)
    exponent = math.log2(max(largest, _SMALLEST)) + _SHIFT
    if min(exponent % 1, 1 - exponent % 1) < border / cells:  # another machine may take a grid of another size
        return [_Unclear()]
    size = 2.0 ** math.floor(exponent) / cells
    return [_cell(number / size, border) if math.isfinite(number) else str(number) for number in numbers]


def _cell(place: float, border: float) -> Any:
    below = math.floor(place)
    part = place - below
    return _Unclear(below, below + 1) if abs(part - 0.5) < border else below + (part > 0.5)


def one_of(digests: frozenset[bytes]) -> bytes:
    """The digest to store; empty if there is none."""
    return next(islice(sorted(digests), 1), b"")
