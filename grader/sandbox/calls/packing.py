"""Turn Python values into the plain tree and the raw arrays of a message.

Tensors, numpy arrays and plain data travel in both directions; problems, functions and random generators only from the trusted
process to the worker. Any other value arrives as an `Opaque` that describes it, and says what to return instead. `unpacking` is
the way back. `grader/toolkit/travelling.py` lists the types.
"""

import dataclasses
import struct
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import CoroutineType, GeneratorType
from typing import Any

import msgspec
import numpy as np
from msgspec.msgpack import Ext

from grader.sandbox.calls import wire
from grader.sandbox.calls.callee import GeneratorStates
from grader.sandbox.calls.wire import ALIGNMENT, BLOB_LIMIT, ITEM_SIZE, Array, TooLargeError
from grader.toolkit.generators import is_generator
from grader.toolkit.lazy_torch import torch
from grader.toolkit.tensors import SharedTensor
from grader.toolkit.travelling import travels

DEPTH_LIMIT = 16
MASKED = "a masked array that hides entries (.filled(0) fills them)"
_KEY_DEPTH = 4  # of tuples in a key
COMPLEX_FORM = struct.Struct("<dd")

NUMPY_DTYPES = {name: np.dtype(name) for name in ITEM_SIZE}
NUMPY_NAMES = {dtype: name for name, dtype in NUMPY_DTYPES.items()}  # `dtype.name` is slow

_encode = msgspec.msgpack.Encoder().encode


@cache
def _torch_names() -> dict["torch.dtype", str]:
    """The dtypes of torch that may travel. Ask only with a tensor in hand: it imports torch."""
    return {getattr(torch, name): name for name in ITEM_SIZE}


@dataclasses.dataclass(slots=True)
class Packer:
    """Collects the arrays of one message while its values are turned into a tree.

    `functions` tells whether callables and other trusted objects may be packed: they become handles into `callbacks`.
    `sources[i]` is the object whose bytes are array i, `containers[i]` the list or dictionary of that number, counted as
    `Unpacker` counts them. `generator_states` knows where a generator's stream goes on.
    """

    functions: bool = False
    generator_states: GeneratorStates = dataclasses.field(default_factory=GeneratorStates)
    arrays: list[Array] = dataclasses.field(default_factory=list)
    chunks: list[Any] = dataclasses.field(default_factory=list)
    sources: list[Any] = dataclasses.field(default_factory=list)
    containers: list[Any] = dataclasses.field(default_factory=list)
    callbacks: list[Callable[..., Any]] = dataclasses.field(default_factory=list)
    shared: SharedTensor | None = None
    _size: int = 0
    _mentioned: int = 0  # bytes of arrays that are there already
    _seen: dict[int, int] = dataclasses.field(default_factory=dict)

    def pack(self, value: Any, depth: int = 0) -> Any:
        """Return the tree that stands for `value`."""
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is torch.Tensor:  # before the questions below, which are slow to ask of a tensor's class
            return self._pack_array(value)
        if kind is list and depth < DEPTH_LIMIT:
            self.containers.append(value)
            return [self.pack(item, depth + 1) for item in value]
        if isinstance(value, np.floating):  # np.float64 is a Python float by inheritance; the others are as good
            return float(value)
        if isinstance(value, np.integer | np.bool_):
            return _number(int(value)) if isinstance(value, np.integer) else bool(value)
        if isinstance(value, complex):  # also np.complex128
            return Ext(wire.COMPLEX, COMPLEX_FORM.pack(value.real, value.imag))
        if isinstance(value, np.complexfloating):
            return self.pack(complex(value), depth)
        if isinstance(value, str):  # also numpy.str_
            return _encodable(value)
        if isinstance(value, torch.Tensor | np.ndarray | np.generic):
            return self._pack_array(value)
        if isinstance(value, int | float):
            return _number(value)
        if depth >= DEPTH_LIMIT:
            return _opaque("something nested too deeply")
        return self._pack_compound(value, depth + 1)

    def _pack_compound(self, value: Any, depth: int) -> Any:
        if isinstance(value, list):
            self.containers.append(value)
            return [self.pack(item, depth) for item in value]
        if isinstance(value, tuple):
            if self.functions and travels(type(value).__module__):
                return self._pack_object(value, getattr(value, "_fields", ()), depth)
            return Ext(wire.TUPLE, _encode([self.pack(item, depth) for item in value]))
        if isinstance(value, set | frozenset):
            return self._pack_set(value, depth)
        if isinstance(value, Mapping):
            return self._pack_dict(value, depth)
        if self.functions:
            return self._pack_trusted(value, depth)
        if type(value) is CoroutineType:
            value.close()  # Python would warn that it never began
        return _opaque(described(value, "return"))

    def _pack_set(self, value: Any, depth: int) -> Any:
        """A set, with its items in an order that no hash decides."""
        if not all(is_key(item) for item in value):
            return self._refused(f"{describe(value)} of other things than numbers and texts")
        if isinstance(value, set):
            self.containers.append(value)
        items = sorted((self.pack(item, depth) for item in value), key=_encode)
        return Ext(wire.SET if isinstance(value, set) else wire.FROZENSET, _encode(items))

    def _pack_dict(self, value: Mapping[Any, Any], depth: int) -> Any:
        if not all(is_key(key) for key in value):
            return self._refused("a dict with other keys than numbers and texts")
        self.containers.append(value)
        if all(isinstance(key, str | float) for key in value):
            return {_packed_key(key): self.pack(item, depth) for key, item in value.items()}
        return Ext(
            wire.PAIRS, _encode([[self.pack(key, depth), self.pack(item, depth)] for key, item in value.items()])
        )

    def _refused(self, description: str) -> Any:
        if self.functions:
            raise TypeError(f"{description} cannot be passed to a submission")
        return _opaque(description)

    def _pack_object(self, value: Any, names: Iterable[str], depth: int) -> Any:
        fields = {name: self.pack(getattr(value, name), depth) for name in names}
        return Ext(wire.OBJECT, _encode([type(value).__module__, type(value).__name__, fields]))

    def _pack_trusted(self, value: Any, depth: int) -> Any:
        if dataclasses.is_dataclass(value) and travels(type(value).__module__):
            return self._pack_object(value, [one.name for one in dataclasses.fields(value)], depth)
        if is_generator(value):
            known = self._seen.get(id(value))
            index = self.add(self.generator_states.state(value), "ndarray", value) if known is None else known
            return Ext(wire.GENERATOR, _index(index))
        if isinstance(value, SharedTensor):
            self.shared = value
            name = _torch_names()[value.tensor.dtype]
            return Ext(wire.SHARED, _encode([name, list(value.tensor.shape), value.path]))
        if callable(value) and not dataclasses.is_dataclass(value):
            self.callbacks.append(value)
            return Ext(wire.CALLBACK, _index(len(self.callbacks) - 1))
        raise TypeError(f"{describe(value)} cannot be passed to a submission{_instead(value, 'pass')}")

    def _pack_array(self, value: Any) -> Any:
        known = self._seen.get(id(value))
        if known is not None:  # the same tensor in two places stays the same tensor
            self._mentioned += self.arrays[known].nbytes
            if self._mentioned > BLOB_LIMIT:
                raise TooLargeError("it holds the same array again and again")
            return Ext(wire.ARRAY, _index(known))
        memory = own_memory(value)
        data = _gathered(value) if memory is None else memory
        if isinstance(data, str):
            return self._refused(data)
        kind = "tensor"
        if type(value) is not torch.Tensor:
            kind = "parameter" if isinstance(value, torch.nn.Parameter) else kind
            kind = kind if isinstance(value, torch.Tensor) else "ndarray"
        return Ext(wire.ARRAY, _index(self.add(data, kind, value, memory)))

    def index_of(self, value: Any) -> int | None:
        """The number of the array that holds a value's bytes; None if it has none."""
        return self._seen.get(id(value))

    def add(self, data: np.ndarray, kind: Any, source: Any, memory: np.ndarray | None = None) -> int:
        """Append a contiguous array to the blob and return its index."""
        index, size = len(self.arrays), data.nbytes
        tensor = isinstance(source, torch.Tensor)
        contiguous = memory is not None or not tensor or source.is_contiguous()
        grad = tensor and source.requires_grad
        self.arrays.append(Array(NUMPY_NAMES[data.dtype], data.shape, self._size, kind, grad, contiguous))
        self.sources.append(source)
        self._seen[id(source)] = index
        if size:
            self.chunks.append(data)
            padding = -size % ALIGNMENT
            if padding:
                self.chunks.append(bytes(padding))
            self._size += size + padding
        return index


def own_memory(value: Any) -> np.ndarray | None:
    """The memory of a plain, contiguous CPU tensor as an array; None for any other object."""
    if type(value) in (torch.Tensor, torch.nn.Parameter) and value.dtype in _torch_names() and value.is_contiguous():
        try:
            return value.detach().numpy() if value.requires_grad else value.numpy()  # type: ignore[no-any-return]
        except (RuntimeError, TypeError):
            return None
    return None


def array_data(value: Any) -> np.ndarray | str:
    """Return a contiguous numpy array with the bytes of a tensor or array, or, if it has no bytes, a description."""
    memory = own_memory(value)
    return _gathered(value) if memory is None else memory


def is_masked(value: Any) -> bool:
    """Whether a value is a masked array that hides an entry: what lies below the mask is no answer."""
    return type(value) is not np.ndarray and isinstance(value, np.ma.MaskedArray) and bool(np.ma.is_masked(value))


def _gathered(value: Any) -> np.ndarray | str:
    """As `array_data`, for what has no memory of its own that could be sent as it is."""
    if not isinstance(value, torch.Tensor):
        if is_masked(value):
            return MASKED
        value = np.asarray(value)
        if value.dtype.name not in ITEM_SIZE:
            instead = " (a list can hold these: .tolist())" if value.dtype.kind in "OUS" else ""
            return f"a numpy array of dtype {value.dtype}{instead}"
        return np.ascontiguousarray(value.astype(value.dtype.newbyteorder("="), copy=False)).reshape(value.shape)
    if value.layout is not torch.strided or value.device.type != "cpu" or value.is_quantized:
        return f"a {value.layout} tensor on device {value.device}"
    if value.dtype not in _torch_names():
        return f"a tensor of dtype {value.dtype}"
    if value.numel() * value.element_size() > BLOB_LIMIT:
        return f"a tensor of shape {tuple(value.shape)}, which is far too large"
    return np.ascontiguousarray(value.detach().resolve_conj().resolve_neg().numpy()).reshape(tuple(value.shape))


def _number(value: int | float) -> Any:
    """The plain value of an int or a float of any subclass."""
    try:
        if isinstance(value, float):
            return float.__pos__(value)
        plain = int.__pos__(value)
    except TypeError:  # it only says that it is one
        return _opaque(describe(value))
    return plain if -(2**63) <= plain < 2**63 else _opaque(f"an integer of {plain.bit_length()} bits")


def is_key(value: Any, depth: int = 0) -> bool:
    """Whether a value may be an item of a set, or the key of a dict, on the other side, too."""
    if isinstance(value, tuple | frozenset):
        return depth < _KEY_DEPTH and all(is_key(item, depth + 1) for item in value)
    if isinstance(value, int | np.integer):
        return -(2**63) <= int(value) < 2**63
    return value is None or isinstance(value, str | float | complex | np.number | np.bool_)


def described(value: Any, verb: str) -> str:
    """The kind of a value, and in parentheses the kind to `verb` instead, where that is known."""
    instead = _instead(value, verb).removeprefix(": ")
    return f"{describe(value)} ({instead})" if instead else describe(value)


def _instead(value: Any, verb: str) -> str:
    """The kind to return or to pass in place of a value that cannot travel, without asking the value."""
    kind = type(value)
    library = str(type.__getattribute__(kind, "__module__")).partition(".")[0]
    if library == "scipy" and kind.__name__.endswith(("_array", "_matrix")):
        return f": {verb} its .toarray()"
    if library in ("pandas", "polars"):
        return f": {verb} its .to_numpy()"
    if kind is GeneratorType:
        return ": `yield` or `(... for ...)` makes one; return a list"
    if kind is CoroutineType:
        return ": `async` makes one; leave that word out"
    if "__dataclass_fields__" in vars(kind):
        return ": define its class in problems.py" if verb == "pass" else ": return a tuple or a dict of its fields"
    return ""


def describe(value: Any) -> str:
    """Describe a value without running its code: the class's own name only."""
    name = str(type.__getattribute__(type(value), "__name__"))[:60]
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _encodable(text: str) -> str:
    """The text as a plain str, a lone surrogate, which no message can hold, as a question mark."""
    return text.encode("utf-8", "replace").decode()


def _opaque(description: str) -> Ext:
    return Ext(wire.OPAQUE, description.encode("utf-8", "replace")[:200])


def _index(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _packed_key(key: str | float) -> str | float:
    return float.__pos__(key) if isinstance(key, float) else _encodable(key)
