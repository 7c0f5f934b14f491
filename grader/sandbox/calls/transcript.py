"""The calls and answers of a check, kept as the bytes that went over the wire, and read only if the check fails."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from grader.sandbox.calls import wire
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.lazy_torch import torch

_encode = msgspec.msgpack.Encoder().encode
KEPT_FIRST = KEPT_LAST = 12  # hypothesis tries inputs in the beginning, and ends with the smallest that fails
_BYTES_AN_OBJECT, _SMALL = 64, 1 << 10
LARGEST = 1 << 18  # bytes of arguments: larger ones, such as a data set, are not kept
_LARGEST_TOGETHER = 1 << 19  # bytes of the first, and of the last: of calls with large arguments a few tell enough


@dataclass
class Exchange:
    """A sent call and its answer; `answer` is None if the call got no response."""

    name: str
    request: wire.Call | None = None
    blob: bytes = b""
    callbacks: list[Any] = field(default_factory=list)
    shared: "torch.Tensor | None" = None  # its memory may have been freed since
    answer: wire.Response | None = None
    data: bytes | bytearray = b""

    @property
    def key(self) -> tuple[str, bytes, bytes]:
        """Equal for calls with the same arguments."""
        assert self.request is not None
        return self.name, _encode(msgspec.structs.replace(self.request, id=0)), self.blob

    @property
    def program(self) -> str:
        """The module of the program that ran around the submission; "" where none did."""
        return self.request.program if self.request else ""

    @property
    def size(self) -> int:
        """Bytes of the arguments and of the answer, roughly as they are kept."""
        return len(self.blob) + len(self.data) + (_weight(self.answer) if self.answer else 0)

    @property
    def single(self) -> bool:
        """Whether any argument is in float32."""
        return self.request is not None and any(array.dtype == "float32" for array in self.request.arrays)

    def unpacker(self) -> Unpacker:
        """Builds the arguments as they were before the call changed them; a new copy from each unpacker."""
        assert self.request is not None
        return Unpacker(self.request.arrays, bytearray(self.blob), self.callbacks.__getitem__, shared=self.shared)

    def arguments(self, unpacker: Unpacker | None = None) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and named arguments."""
        assert self.request is not None
        unpacker = unpacker or self.unpacker()
        return tuple(unpacker.unpack(self.request.args)), unpacker.unpack(self.request.kwargs)


def _weight(answer: wire.Response) -> int:
    """Bytes that a large answer takes besides its arrays: what is a byte on the wire may be an object of many."""
    if len(_encode(answer)) < _SMALL:
        return 0
    count, waiting = 0, [answer]
    while waiting:
        one: Any = waiting.pop()
        count += 1
        if isinstance(one, msgspec.Struct):
            waiting += [getattr(one, name) for name in one.__struct_fields__]
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
    return _BYTES_AN_OBJECT * count


class Transcript:
    """The first and the last exchanges of one check, in order."""

    def __init__(self) -> None:
        self.last: Exchange | None = None
        self._first: list[Exchange] = []
        self._recent: deque[Exchange] = deque()
        self._room = _LARGEST_TOGETHER  # left for the first ones
        self._held = 0  # bytes of the recent ones

    def begin(self, exchange: Exchange) -> None:
        """Remember the call that is being made."""
        self.last = exchange

    def end(self, exchange: Exchange, answer: wire.Response, data: bytearray) -> None:
        """Keep a call with its answer, unless it is too large."""
        exchange.answer, exchange.data = answer, data
        size = exchange.size
        if exchange.shared is not None or size > LARGEST:
            exchange.answer, exchange.data = None, b""
            return
        exchange.data = bytes(data)  # the check may write into the returned value
        if len(self._first) < KEPT_FIRST and size <= self._room:
            self._first.append(exchange)
            self._room -= size
            return
        self._room = -1  # no later exchange counts as a first exchange, however small
        self._recent.append(exchange)
        self._held += size
        while len(self._recent) > KEPT_LAST or self._held > _LARGEST_TOGETHER:
            self._held -= self._recent.popleft().size

    def __iter__(self) -> Iterator[Exchange]:
        return iter([*self._first, *self._recent])
