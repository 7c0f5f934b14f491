"""The side effects of a call on its arguments, found in the process of the function. A worker's report is not trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from grader.sandbox.calls.packing import NUMPY_NAMES, array_data
from grader.sandbox.calls.unpacking import Unpacker
from grader.sandbox.calls.wire import Array
from grader.toolkit.generators import is_generator, state_of
from grader.toolkit.lazy_torch import is_imported, torch

# What may be another than before, besides the numbers: which items a list or dictionary holds, and two of a tensor's switches.
Switch = Literal["items", "requires_grad", "grad"]


@dataclass(frozen=True)
class SideEffects:
    """`arrays` are (index, object, bytes) of arrays and generators with other numbers; `switches` tell of other differences.

    A switch comes with the number of the container ("items") or of the array. `recording` tells whether torch still records
    gradients as it did before.
    """

    arrays: list[tuple[int, Any, np.ndarray | str]]
    switches: list[tuple[Switch, int]]
    recording: bool


class ArgumentSnapshot:
    """The arguments before a call; `effects` compares them with the arguments after it."""

    def __init__(self, original: bytes, arrays: list[Array], unpacker: Unpacker) -> None:
        self._original = original
        self._arrays = arrays
        self._built = unpacker.built
        self._items = [(container, _items(container)) for container in unpacker.containers]
        self._recording = _is_recording()

    def effects(self) -> SideEffects:
        """Find the changes, and restore whether torch records gradients."""
        kept = _is_recording() == self._recording
        if not kept:
            torch.set_grad_enabled(self._recording)
        switches: list[tuple[Switch, int]] = [
            ("items", number) for number, (container, items) in enumerate(self._items) if _differ(container, items)
        ]
        for index, value in self._built.items():
            if isinstance(value, torch.Tensor):
                spec = self._arrays[index]
                if value.requires_grad != (spec.requires_grad and (value.is_floating_point() or value.is_complex())):
                    switches.append(("requires_grad", index))
                if value.is_leaf and value.grad is not None:
                    switches.append(("grad", index))
        return SideEffects(changes(self._original, self._arrays, self._built), switches, kept)


def _is_recording() -> bool:
    """Whether torch records gradients, as it does from its import on."""
    return torch.is_grad_enabled() if is_imported() else True


def changes(original: bytes, arrays: list[Array], built: Mapping[int, Any]) -> list[tuple[int, Any, np.ndarray | str]]:
    """List (index, object, bytes) of every array or generator that no longer holds what arrived.

    `original` is a copy of the blob as it arrived. Compared by bytes, not by version counters: `.data`, numpy views and
    in-place operators all count.
    """
    found: list[tuple[int, Any, np.ndarray | str]] = []
    for index, value in built.items():
        spec = arrays[index]
        data = state_of(value) if is_generator(value) else array_data(value)
        if (
            isinstance(data, str)
            or NUMPY_NAMES[data.dtype] != spec.dtype
            or data.shape != spec.shape
            or not original.startswith(data.data, spec.offset)  # without a copy of either
        ):
            found.append((index, value, data))
    return found


def _items(container: Any) -> list[Any]:
    """The items of a list or a dictionary, in order, or of a set, sorted."""
    if isinstance(container, set):
        return [frozenset(container)]
    return list(container) if isinstance(container, list) else [entry for pair in container.items() for entry in pair]


def _differ(container: Any, items: list[Any]) -> bool:
    now = _items(container)
    if isinstance(container, set):
        return now != items
    return len(now) != len(items) or any(one is not other for one, other in zip(now, items, strict=True))
