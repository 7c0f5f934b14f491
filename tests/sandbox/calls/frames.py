"""Frames of the wire, right and bent, and a worker that sends frames as it is told."""

import random
from typing import Any

import msgspec
import numpy as np
import torch

from grader.sandbox.calls import wire
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.unpacking import Unpacker
from grader.sandbox.limits.worker_process import ProcessExit
from grader.toolkit.verdicts import Opaque


def split(frame: bytes) -> tuple[bytes, bytearray]:
    header, blob = wire.lengths(frame[: wire.PREFIX.size])
    assert len(frame) == wire.PREFIX.size + header + blob
    return frame[wire.PREFIX.size :][:header], bytearray(frame[wire.PREFIX.size + header :])


def sample_messages() -> list[tuple[Any, Any, list[Any]]]:
    """Messages of every type with arrays of every dtype: what mutations start from."""
    packer = Packer()
    arrays = [np.arange(6).reshape(2, 3).astype(dtype) for dtype in wire.ITEM_SIZE]
    tensors = [torch.nn.Parameter(torch.ones(3)), torch.ones(4, 4).T, torch.zeros(0, 2), torch.tensor(1.5)]
    value = packer.pack({"a": [*arrays, (*tensors, (1, "x", None))], "b": (True, 1.5, Opaque("x"), 1j)})
    failure = wire.Failure("E", ["Exception"], "text", [wire.Frame(1, "f", "raise E")])
    changed = [(0, 1), (2, 3)]
    return [
        (wire.Response(1, value, packer.arrays, changed), wire.FromWorker, packer.chunks),
        (wire.Response(1, failure=failure), wire.FromWorker, []),
        (wire.Callback(1, 0, [value], packer.arrays), wire.FromWorker, packer.chunks),
        (wire.Hello(0, {"seccomp": True, "landlock": 7}), wire.FromWorker, []),
        (wire.Call(1, "f", "", [value], {"k": value}, packer.arrays), wire.ToWorker, packer.chunks),
        (wire.CallbackResponse(1, value, packer.arrays), wire.ToWorker, packer.chunks),
        (wire.Load(1, "f.py"), wire.ToWorker, [b"def f(): pass"]),
    ]


def mutated_bytes(data: bytes, rng: random.Random) -> bytes:
    """Change a few bytes, or cut, double or move a piece."""
    out = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        place, other = sorted((rng.randrange(len(out) + 1), rng.randrange(len(out) + 1)))
        kind = rng.randrange(5)
        if kind == 0:
            del out[place : min(other, place + 8)]
        elif kind == 1:
            out[place:place] = out[other : other + 16]
        elif kind == 2:
            out[place:place] = rng.randbytes(rng.randrange(1, 9))
        elif out:
            out[place % len(out)] = rng.choice([0, 1, 0x7F, 0x80, 0xC0, 0xC7, 0xD4, 0xDD, 0xFF, rng.randrange(256)])
    return bytes(out)


def mutated_arrays(message: Any, rng: random.Random) -> Any:
    """Claim something else about an array."""
    arrays = list(getattr(message, "arrays", ()))
    if not arrays:
        return message
    change: dict[str, Any] = rng.choice(
        [
            {"dtype": rng.choice([*wire.ITEM_SIZE, "object"])},
            {"shape": tuple(rng.choice([0, 1, 2, 6, 2**26]) for _ in range(rng.randrange(18)))},
            {"offset": rng.choice([0, 64, 128, 640, 2**31, 2**62])},
            {"kind": rng.choice(["tensor", "parameter", "ndarray"]), "requires_grad": True},
            {"contiguous": False},
        ]
    )
    place = rng.randrange(len(arrays))
    arrays[place] = msgspec.structs.replace(arrays[place], **change)
    return msgspec.structs.replace(message, arrays=arrays)


def unpack_everything(message: Any, blob: bytearray) -> None:
    unpacker = Unpacker(list(getattr(message, "arrays", ())), blob)
    for part in ("value", "args", "kwargs"):
        unpacker.unpack(getattr(message, part, None))
    for index in range(len(unpacker.arrays)):
        unpacker.array(index)


class Scripted:
    """A worker process, and its socket, that answers every question with a mutated frame and then hangs up."""

    def __init__(self, rng: random.Random) -> None:
        self.socket = self
        self._rng = rng
        self._pending = bytearray(b"".join(wire.encode(wire.Hello(0, {}))))

    def send(self, data: Any) -> int:
        header, blob = split(bytes(data))
        request = wire.decode(header, blob, wire.ToWorker)
        answers = [(message, chunks) for message, kind, chunks in sample_messages() if kind is wire.FromWorker]
        message, chunks = self._rng.choice(answers)
        if isinstance(message, wire.Response):
            changed = [(self._rng.randrange(-1, 7), self._rng.randrange(-1, 16)) for _ in range(self._rng.randrange(3))]
            message = msgspec.structs.replace(message, id=request.id, changed=changed)
        message = mutated_arrays(message, self._rng)
        frame = b"".join(wire.encode(message, chunks))
        self._pending = bytearray(mutated_bytes(frame, self._rng) if self._rng.random() < 0.5 else frame)
        return len(data)

    def recv_into(self, buffer: Any) -> int:
        piece = bytes(self._pending[: len(buffer)])
        del self._pending[: len(piece)]
        buffer[: len(piece)] = piece
        return len(piece)

    def cpu_seconds(self) -> float:
        return 0.0

    def awake_seconds(self) -> None: ...

    def is_asleep(self) -> bool:
        return True

    def kill(self) -> None: ...

    def wait_for_exit(self) -> ProcessExit:
        return ProcessExit(None)
