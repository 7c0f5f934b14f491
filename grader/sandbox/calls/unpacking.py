"""Build the Python values of a message from its tree and its arrays: the way back from `packing`."""

import dataclasses
import mmap
import os
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from msgspec.msgpack import Ext

from grader.sandbox.calls.packing import COMPLEX_FORM, DEPTH_LIMIT, NUMPY_DTYPES, is_key
from grader.sandbox.calls.wire import (
    ARRAY,
    BLOB_LIMIT,
    CALLBACK,
    COMPLEX,
    FROZENSET,
    GENERATOR,
    OPAQUE,
    PAIRS,
    SET,
    SHARED,
    TUPLE,
    Array,
    ProtocolError,
)
from grader.toolkit.generators import generator_of
from grader.toolkit.lazy_torch import is_imported, torch
from grader.toolkit.tensors import with_gaps
from grader.toolkit.travelling import find_travelling
from grader.toolkit.verdicts import Opaque

SHARED_FD = 4  # where a confined worker finds the memory that it may map

_PLAIN = frozenset({type(None), bool, int, float, str})

_decode_tree = msgspec.msgpack.Decoder().decode


@dataclasses.dataclass(slots=True)
class Unpacker:
    """Rebuilds the values of one message. Every array is built once, so that aliases stay aliases.

    `callback(handle)` makes the function for a handle; without it, only plain data and arrays are accepted: that is how the
    trusted process reads what a worker sends. `shared` is the shared tensor where it is at hand and need not be mapped.
    """

    arrays: list[Array]
    blob: bytearray
    callback: Callable[[int], Callable[..., Any]] | None = None
    built: dict[int, Any] = dataclasses.field(default_factory=dict)
    containers: list[Any] = dataclasses.field(default_factory=list)
    shared: "torch.Tensor | None" = None
    mentioned: int = 0  # bytes of arrays that were built already, each time that one is

    def unpack(self, tree: Any, depth: int = 0) -> Any:
        """Return the value that `tree` stands for; raise ProtocolError if it stands for none."""
        if depth > DEPTH_LIMIT + 1:
            raise ProtocolError("a value nested too deeply")
        kind = type(tree)
        if kind is list:
            items: list[Any] = []
            self.containers.append(items)
            items.extend([self.unpack(item, depth + 1) for item in tree])
            return items
        if kind is Ext:
            if tree.code == ARRAY:
                return self.array(int.from_bytes(tree.data[:4], "little"))
            return self._unpack_extension(tree, depth)
        if kind is dict:
            entries: dict[str | float, Any] = {}
            self.containers.append(entries)
            entries.update(self._entries(tree, depth + 1))
            return entries
        if kind in _PLAIN:
            return tree
        raise ProtocolError(f"a value of type {kind.__name__}")

    def _unpack_extension(self, tree: Ext, depth: int) -> Any:
        data = bytes(tree.data)
        if tree.code == OPAQUE:
            return Opaque(data.decode("utf-8", "replace"))
        if tree.code == TUPLE:
            return tuple([self.unpack(item, depth + 1) for item in self._nested(data, list)])
        if tree.code == COMPLEX:
            if len(data) != COMPLEX_FORM.size:
                raise ProtocolError("a malformed complex number")
            return complex(*COMPLEX_FORM.unpack(data))
        if tree.code in (SET, FROZENSET):
            return self._set(self._nested(data, list), tree.code, depth + 1)
        if tree.code == PAIRS:
            return self._pairs(self._nested(data, list), depth + 1)
        if self.callback is None:
            raise ProtocolError(f"extension type {tree.code}")
        if tree.code == CALLBACK:
            return self.callback(int.from_bytes(data, "little"))
        if tree.code == GENERATOR:
            return self._generator(int.from_bytes(data, "little"))
        if tree.code == SHARED:
            return map_shared(*self._nested(data, list)) if self.shared is None else self.shared
        module, name, fields = self._nested(data, list)
        kind = find_travelling(module, name)
        if not (isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, tuple))):
            raise LookupError(f"{name} is not a problem")
        return kind(**{str(field): item for field, item in self._entries(fields, depth + 1).items()})

    def _set(self, tree: list[Any], code: int, depth: int) -> Any:
        items: set[Any] = set()
        if code == SET:
            self.containers.append(items)
        items.update([self._key(item, depth) for item in tree])
        return items if code == SET else frozenset(items)

    def _pairs(self, tree: list[Any], depth: int) -> dict[Any, Any]:
        entries: dict[Any, Any] = {}
        self.containers.append(entries)
        for pair in tree:
            if not isinstance(pair, list) or len(pair) != 2:
                raise ProtocolError("a malformed extension")
            entries[self._key(pair[0], depth)] = self.unpack(pair[1], depth)
        return entries

    def _key(self, tree: Any, depth: int) -> Any:
        """An item of a set, or a key: made of numbers and texts, so that it can be hashed."""
        value = self.unpack(tree, depth)
        if not is_key(value):
            raise ProtocolError("a key that is no number and no text")
        return value

    def _entries(self, tree: Any, depth: int) -> dict[str | float, Any]:
        if not isinstance(tree, dict):
            raise ProtocolError("a malformed extension")
        return {_key(key): self.unpack(item, depth) for key, item in tree.items()}

    @staticmethod
    def _nested(data: bytes, kind: type) -> Any:
        try:
            tree = _decode_tree(data)
        except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
            raise ProtocolError(str(error)[:200]) from None
        if not isinstance(tree, kind):
            raise ProtocolError("a malformed extension")
        return tree

    def _generator(self, index: int) -> Any:
        if index not in self.built:
            self.built[index] = generator_of(self.numpy(index))
        return self.built[index]

    def array(self, index: int) -> Any:
        """Return array number `index` as the kind of object that it was on the other side."""
        if not 0 <= index < len(self.arrays):
            raise ProtocolError("an array that is not there")
        known = self.built.get(index)
        if known is None:
            self.built[index] = built = self._build(self.arrays[index], index)
            return built
        self.mentioned += self.arrays[index].nbytes
        if self.callback is None and self.mentioned > BLOB_LIMIT:  # the reader may copy it for each mention
            raise ProtocolError("one array again and again")
        return known

    def numpy(self, index: int) -> np.ndarray:
        """Array number `index`, in the blob's own memory, in which `decode` has seen that it lies."""
        spec = self.arrays[index]
        if 0 in spec.shape:
            return np.empty(spec.shape, NUMPY_DTYPES[spec.dtype])
        if spec.dtype == "bool":  # any byte but 0 and 1 would be a bool that is neither
            return np.ndarray(spec.shape, np.uint8, self.blob, spec.offset).astype(bool)
        return np.ndarray(spec.shape, NUMPY_DTYPES[spec.dtype], self.blob, spec.offset)

    def _build(self, spec: Array, index: int) -> Any:
        data = self.numpy(index)
        if spec.kind == "ndarray":
            return data
        if not is_imported():
            raise ProtocolError("a tensor, in a course without torch")
        tensor = torch.from_numpy(data)
        if not spec.contiguous:
            tensor = with_gaps(tensor)
        grad = spec.requires_grad and (tensor.is_floating_point() or tensor.is_complex())
        if spec.kind == "parameter":
            return torch.nn.Parameter(tensor, requires_grad=grad)
        return tensor.requires_grad_() if grad else tensor


def map_shared(dtype: str, shape: list[int], path: str) -> "torch.Tensor":
    """Map a shared tensor privately: from the descriptor that a confined worker was given, or from its path."""
    confined = not os.access(path, os.R_OK)
    descriptor = SHARED_FD if confined else os.open(path, os.O_RDONLY)
    memory = mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)
    return torch.frombuffer(memory, dtype=getattr(torch, dtype)).reshape(shape)


def _key(key: Any) -> str | float:
    if not isinstance(key, str | float):
        raise ProtocolError("a key that is neither a string nor a float")
    return key
