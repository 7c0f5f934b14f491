"""What the process that judges holds: every tensor and array in it, from wherever it is reached, and what each contains."""

import gc
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from grader.audit.adversary_code import within
from grader.sandbox.calls.student import RemoteStudent

Held = list[tuple[Any, object]]  # an array, and what it contained

SEEN_IN_EVERY_CALL = 1 << 20  # entries; what is larger lives as long as a section, and is looked at between gradings


def alive() -> Held:
    """Every array of this process: of modules, closures, caches, kept examples, and of what nothing reaches any more."""
    found: dict[int, Any] = {}
    for tracked in gc.get_objects():
        for value in (tracked, *_untracked(tracked)):
            if _is_array(value):
                found[id(value)] = value
    return [(value, content(value)) for value in found.values()]


def within_reach(*values: Any) -> Held:
    """Every array of some values and of the variables of the check that calls, unless it is large."""
    arrays = (value for value in within(*values, *_of_the_check()) if _is_array(value))
    return [(value, content(value)) for value in arrays if _size(value) <= SEEN_IN_EVERY_CALL]


def changed(held: Held) -> list[str]:
    """Those arrays that contain something else now."""
    return [repr(value)[:200] for value, before in held if content(value) != before]


def content(value: Any) -> object:
    """All of an array, in short: dtype, shape, bytes, and those of its gradient."""
    if isinstance(value, np.ndarray):
        return (
            value.dtype,
            value.shape,
            zlib.crc32(np.ascontiguousarray(value).tobytes() if value.dtype != object else b""),
        )
    if value.is_meta or value.layout is not torch.strided or _is_repeated(value):
        return value.dtype, value.shape, value.requires_grad
    flat = value.detach().resolve_conj().resolve_neg().reshape(-1).clone(memory_format=torch.contiguous_format)
    gradient = content(value.grad) if value.is_leaf and value.grad is not None else None
    return value.dtype, value.shape, value.requires_grad, zlib.crc32(flat.view(torch.uint8).numpy().data), gradient


def _is_repeated(value: torch.Tensor) -> bool:
    """Whether a few bytes stand for many entries: another test may have kept one of any size."""
    return value.numel() * value.element_size() > value.untyped_storage().nbytes()


def watch_calls(monkeypatch: Any) -> list[str]:
    """A list that takes in every array that a call of a submission has changed in what its callers hold."""
    noted: list[str] = []
    call = RemoteStudent._call

    def watched(
        self: RemoteStudent, name: str, program: str, annotation: Any, args: Any, kwargs: Any, *more: Any
    ) -> Any:
        held = within_reach(args, kwargs)
        try:
            return call(self, name, program, annotation, args, kwargs, *more)
        finally:
            noted.extend(f"{name}: {value}" for value in changed(held))

    monkeypatch.setattr(RemoteStudent, "_call", watched)
    return noted


def _of_the_check() -> Iterator[Any]:
    """The variables of all functions of the section's checks that are running."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith("course_"):
            yield frame.f_locals
        frame = frame.f_back  # type: ignore[assignment]


def _is_array(value: Any) -> bool:
    return issubclass(type(value), torch.Tensor | np.ndarray)


def _size(value: Any) -> int:
    return int(value.numel() if isinstance(value, torch.Tensor) else value.size)


def _untracked(value: Any) -> Iterator[Any]:
    """What a value refers to that the collector does not list: numpy's arrays, and containers of nothing else."""
    for inner in gc.get_referents(value):
        if not gc.is_tracked(inner):
            yield inner
            if isinstance(inner, dict | tuple):
                yield from _untracked(inner)
