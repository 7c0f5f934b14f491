"""The messages between the trusted process and a worker: length-prefixed frames of msgpack and raw array bytes.

A frame is `[u32 header length][u32 blob length][header][blob]`. The header is one msgspec Struct; arrays lie in the blob,
so that a header stays small and arrays are never copied into msgpack. Nothing is ever pickled. `decode`
raises `ProtocolError` for invalid data, and nothing else.
"""

import math
import struct
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

PREFIX = struct.Struct("<II")
HEADER_LIMIT = 256 << 10
BLOB_LIMIT = 64 << 20
ALIGNMENT = 64  # vectorised kernels like aligned data
RANK_LIMIT = 16

# The element types that may travel, by the name that numpy and torch share, with their size in bytes.
ITEM_SIZE = {
    "float16": 2,
    "float32": 4,
    "float64": 8,
    "complex64": 8,
    "complex128": 16,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint8": 1,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
    "bool": 1,
}

# Extension types inside a header.
ARRAY, TUPLE, OBJECT, CALLBACK, GENERATOR, OPAQUE, SHARED = 1, 2, 3, 4, 5, 6, 7
COMPLEX, SET, FROZENSET, PAIRS = 8, 9, 10, 11  # two floats; items; items; the items of a dict with any keys


class ProtocolError(Exception):
    """The peer sent an invalid frame."""


class TooLargeError(ValueError):
    """A message that is too large for a frame: the sender's error."""


class Array(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where one array lies in the blob, and what kind of object it is on either side."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    kind: Literal["tensor", "parameter", "ndarray"] = "tensor"
    requires_grad: bool = False
    contiguous: bool = True

    @property
    def nbytes(self) -> int:
        return math.prod(self.shape) * ITEM_SIZE[self.dtype]


class Call(msgspec.Struct, frozen=True, tag="call", forbid_unknown_fields=True):
    """Trusted to worker: run a function of the submission, or a trusted program on it."""

    id: int
    name: str
    program: str = ""  # the module that holds it
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    arrays: list[Array] = []


class Load(msgspec.Struct, frozen=True, tag="load", forbid_unknown_fields=True):
    """Trusted to worker: execute the source in the blob as the submission's module.

    The last `compiled` bytes of the blob are what another worker has made of it. `forbidden` are names of libraries that
    `exercise`, which is to be checked, may not use; `exercises` are all that there are.
    """

    id: int
    filename: str
    forbidden: list[str] = []
    exercise: str = ""
    exercises: list[str] = []
    compiled: int = 0


class Parse(msgspec.Struct, frozen=True, tag="parse", forbid_unknown_fields=True):
    """Trusted to worker: parse the source in the blob, execute nothing, and list what it defines, and uses of `listed`.

    `exercises` are all that there are.
    The answer's blob is the source compiled, to be handed on to others; empty if it has to be compiled by each.
    """

    id: int
    filename: str
    listed: list[str] = []
    digests: bool = False
    exercises: list[str] = []


class Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One line of a traceback that lies in the student's own file."""

    line: int
    function: str
    text: str


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An exception of the submission, described inside the worker; `values` says what is in the expression that raised it."""

    type: str
    bases: list[str]
    message: str
    frames: list[Frame] = []
    values: str = ""


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A forbidden function that a submission has used: its name in the list and in full, and the submission's lines."""

    name: str
    full: str
    frames: list[Frame] = []


class Response(msgspec.Struct, frozen=True, tag="response", forbid_unknown_fields=True):
    """Worker to trusted: what a call returned, or raised, and what it did to its arguments."""

    id: int
    value: Any = None
    arrays: list[Array] = []
    changed: list[tuple[int, int]] = []  # (index among the call's arrays, index among this answer's arrays)
    switches: list[tuple[Literal["items", "requires_grad", "grad"], int]] = []  # (what differs, container or array)
    recording: bool = True  # whether torch still recorded gradients as before
    failure: Failure | None = None
    missing: str = ""  # the function that a check or a program asked for in vain
    forbidden: Use | None = None


class Callback(msgspec.Struct, frozen=True, tag="callback", forbid_unknown_fields=True):
    """Worker to trusted: call back a function that was passed as an argument."""

    id: int
    handle: int
    args: list[Any] = []
    arrays: list[Array] = []


class CallbackResponse(msgspec.Struct, frozen=True, tag="callback_response", forbid_unknown_fields=True):
    """Trusted to worker: what the function returned; `raised` when it raised instead."""

    id: int
    value: Any = None
    arrays: list[Array] = []
    raised: str | None = None


class Begin(msgspec.Struct, frozen=True, tag="begin", forbid_unknown_fields=True):
    """Trusted to a plain worker: a check begins, and may compute for this long."""

    id: int
    cpu_seconds: int


class Finish(msgspec.Struct, frozen=True, tag="finish", forbid_unknown_fields=True):
    """Trusted to a plain worker: the check is over. The worker removes what it has left, while the next one is prepared."""

    id: int


class Hello(msgspec.Struct, frozen=True, tag="hello", forbid_unknown_fields=True):
    """Worker to trusted, before any student code is there: the confinement that is really on."""

    id: int
    layers: dict[str, int | bool]


ToWorker = Call | Load | Parse | CallbackResponse | Begin | Finish
FromWorker = Response | Callback | Hello

_encoder = msgspec.msgpack.Encoder()
_decoders = {kind: msgspec.msgpack.Decoder(kind) for kind in (ToWorker, FromWorker)}


def encode(message: msgspec.Struct, chunks: Sequence[Any] = ()) -> list[Any]:
    """Return the buffers that make one frame: prefix and header, then the arrays' bytes as they lie."""
    header = _encoder.encode(message)
    if len(header) > HEADER_LIMIT:
        raise TooLargeError(f"{len(header)} bytes in one message, at most {HEADER_LIMIT} are allowed")
    size = sum(memoryview(chunk).nbytes for chunk in chunks)
    if size > BLOB_LIMIT:
        raise TooLargeError(f"{size} bytes of arrays in one message, at most {BLOB_LIMIT} are allowed")
    return [PREFIX.pack(len(header), size) + header, *chunks]


def lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """Return header and blob length of a frame, refusing lengths that no honest worker sends."""
    header, blob = PREFIX.unpack(prefix)
    if header > HEADER_LIMIT or blob > BLOB_LIMIT:
        raise ProtocolError(f"a frame of {header} + {blob} bytes is too large")
    return header, blob


def decode(header: bytes | bytearray, blob: bytes | bytearray, kind: Any) -> Any:
    """Return the message in `header` as one of the Structs of `kind`, its arrays checked against the blob."""
    try:
        message = _decoders[kind].decode(header)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError) as error:
        raise ProtocolError(str(error)[:200]) from None
    size = 0
    for array in getattr(message, "arrays", ()):
        size += _verified_size(array, len(blob))
    if size > len(blob):  # a few bytes could stand for any amount of memory
        raise ProtocolError("arrays that overlap")
    return message


def _verified_size(array: Array, blob_size: int) -> int:
    """The bytes of an array; raise unless it lies wholly inside the blob."""
    size = ITEM_SIZE.get(array.dtype)
    if size is None:
        raise ProtocolError("an array of an unknown dtype")
    if len(array.shape) > RANK_LIMIT:
        raise ProtocolError("an array of an impossible shape")
    for length in array.shape:
        if not 0 <= length <= BLOB_LIMIT:
            raise ProtocolError("an array of an impossible shape")
        size *= length
    if array.offset < 0 or array.offset % ALIGNMENT or array.offset + size > blob_size:
        raise ProtocolError("an array that reaches beyond its frame")
    return size
