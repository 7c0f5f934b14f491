import pickle
import random
import socket
import types
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.calls import wire
from grader.sandbox.calls.channel import Channel, ChannelClosedError
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.calls.student import _GARBLED, Contract, RemoteStudent
from grader.sandbox.calls.values import Packer, Unpacker
from grader.sandbox.process.limits import DEFAULT
from grader.sandbox.process.worker_process import ProcessExit
from grader.toolkit.verdicts import EndedError, Opaque, StudentError, WrongAnswerError

FUZZED_FRAMES = 20_000
pack = msgspec.msgpack.encode


def split(frame: bytes) -> tuple[bytes, bytearray]:
    header, blob = wire.lengths(frame[: wire.PREFIX.size])
    assert len(frame) == wire.PREFIX.size + header + blob
    return frame[wire.PREFIX.size :][:header], bytearray(frame[wire.PREFIX.size + header :])


def through_the_wire(message: Any, kind: Any, chunks: Any = ()) -> tuple[Any, bytearray]:
    header, blob = split(b"".join(wire.encode(message, chunks)))
    return wire.decode(header, blob, kind), blob


names = st.text(max_size=20)
numbers = st.integers(-(2**63), 2**63 - 1)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.floats(allow_nan=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)
frames = st.lists(st.builds(wire.Frame, numbers, names, names), max_size=3)
failures = st.builds(wire.Failure, names, st.lists(names, max_size=3), names, frames)
responses = st.one_of(
    st.builds(wire.Response, numbers, plain, failure=st.none() | failures, missing=st.booleans()),
    st.builds(wire.Callback, numbers, numbers, st.lists(plain, max_size=3)),
    st.builds(wire.Hello, numbers, st.dictionaries(names, numbers | st.booleans(), max_size=3)),
)
requests = st.one_of(
    st.builds(wire.Call, numbers, names, names, st.lists(plain, max_size=3), st.dictionaries(names, plain)),
    st.builds(wire.Load, numbers, names),
    st.builds(wire.Parse, numbers, names),
    st.builds(wire.CallbackResponse, numbers, plain, raised=st.none() | names),
)


@settings(deadline=None, derandomize=True, database=None)
@given(st.tuples(responses, st.just(wire.FromWorker)) | st.tuples(requests, st.just(wire.ToWorker)))
def test_a_message_arrives_as_it_was_sent(case: tuple[Any, Any]) -> None:
    message, kind = case
    assert through_the_wire(message, kind)[0] == message


def test_arrays_arrive_beside_their_message() -> None:
    array = wire.Array("float64", (2, 3), 64)
    message, blob = through_the_wire(wire.Response(1, arrays=[array]), wire.FromWorker, [bytes(64), bytes(range(64))])
    assert message.arrays == [array]
    assert blob == bytes(64) + bytes(range(64))


@pytest.mark.parametrize(
    ("value", "chunks"), [("x" * wire.HEADER_LIMIT, []), (None, [bytes(wire.BLOB_LIMIT), b"x"])], ids=["header", "blob"]
)
def test_what_no_frame_can_hold_is_refused_by_the_sender(value: Any, chunks: Any) -> None:
    with pytest.raises(wire.TooLargeError, match="at most"):
        wire.encode(wire.Response(1, value), chunks)


@pytest.mark.parametrize("sizes", [(wire.HEADER_LIMIT + 1, 0), (0, wire.BLOB_LIMIT + 1), (2**32 - 1, 2**32 - 1)])
def test_a_frame_that_claims_to_be_huge_is_refused_before_it_is_read(sizes: tuple[int, int]) -> None:
    with pytest.raises(wire.ProtocolError, match="too large"):
        wire.lengths(wire.PREFIX.pack(*sizes))


MALFORMED = {
    "nothing": b"",
    "noise": b"\xc1\xff\x00",
    "a pickle": pickle.dumps({"id": 1}),
    "no type": pack({"id": 1}),
    "a request instead of a response": pack({"type": "load", "id": 1, "filename": "x"}),
    "no id": pack({"type": "response"}),
    "an unknown field": pack({"type": "response", "id": 1, "grade": 15}),
    "a change without a place": pack({"type": "response", "id": 1, "changed": [[0]]}),
    "a message of two parts": pack({"type": "response", "id": 1}) * 2,
    "a cut message": pack({"type": "response", "id": 1, "value": "hello"})[:-1],
    "depth": pack({"type": "response", "id": 1, "value": None})[:-1] + b"\x91" * 100_000 + b"\xc0",
    "no text": pack({"type": "response", "id": 1, "value": "hello"}).replace(b"hello", b"\xff\xfe\xfd\xfc\xfb"),
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_message_is_a_protocol_error(header: bytes) -> None:
    with pytest.raises(wire.ProtocolError):
        wire.decode(header, bytearray(), wire.FromWorker)


IMPOSSIBLE = {
    "objects": [wire.Array("object", (1,), 0)],
    "a negative size": [wire.Array("uint8", (-1, -64), 0)],
    "a huge size": [wire.Array("uint8", (wire.BLOB_LIMIT + 1, 0), 0)],
    "too many dimensions": [wire.Array("uint8", (1,) * (wire.RANK_LIMIT + 1), 0)],
    "a negative offset": [wire.Array("uint8", (1,), -64)],
    "a crooked offset": [wire.Array("uint8", (1,), 1)],
    "an end beyond the blob": [wire.Array("float64", (9,), 0)],
    "an offset beyond the blob": [wire.Array("uint8", (1,), 128)],
    "a product that overflows": [wire.Array("uint8", (1 << 26,) * 16, 0)],
    "overlap": [wire.Array("uint8", (64,), 0), wire.Array("uint8", (64,), 0)],
}


@pytest.mark.parametrize("arrays", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_an_array_that_does_not_lie_in_its_own_part_of_the_blob_is_refused(arrays: list[wire.Array]) -> None:
    with pytest.raises(wire.ProtocolError, match="array"):
        through_the_wire(wire.Response(1, arrays=arrays), wire.FromWorker, [bytes(64)])


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


def test_no_mutated_frame_raises_anything_but_the_errors_that_are_caught() -> None:
    rng = random.Random(0)
    samples = sample_messages()
    decoded = unpacked = 0
    for _ in range(FUZZED_FRAMES):
        message, kind, chunks = rng.choice(samples)
        if rng.random() < 0.4:
            message = mutated_arrays(message, rng)
        header, blob = split(b"".join(wire.encode(message, chunks)))
        header = mutated_bytes(header, rng) if rng.random() < 0.7 else header
        blob = blob[: rng.randrange(len(blob) + 1)] if rng.random() < 0.05 else blob
        try:
            result = wire.decode(header, blob, kind)
        except wire.ProtocolError:
            continue
        decoded += 1
        try:
            unpack_everything(result, blob)
        except _GARBLED:
            continue
        unpacked += 1
    assert decoded > FUZZED_FRAMES / 10, "hardly a mutation got as far as the values"
    assert unpacked < decoded, "no mutation made a value that cannot be"


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


def test_whatever_a_worker_sends_a_check_meets_a_value_or_an_error_that_is_the_students() -> None:
    rng = random.Random(0)
    outcomes = set()
    reference = types.ModuleType("reference")
    exec("def f(array, tensor, generator, *others): ...", reference.__dict__)
    contract = Contract(reference, {"f": ("array", "tensor")})
    for _ in range(2000):
        student = RemoteStudent(lambda *_: Conversation(Scripted(rng), DEFAULT), contract, "f.py", exercise="f")
        arguments = [np.ones(6), torch.ones(2, 3), torch.Generator(), *(torch.ones(2, 3) for _ in range(3))]
        try:
            student.f(*arguments)
            outcomes.add("value")
        except (EndedError, StudentError, WrongAnswerError) as error:
            outcomes.add(type(error).__name__)
    assert outcomes == {"value", "EndedError", "StudentError", "WrongAnswerError"}


def test_a_frame_arrives_whatever_pieces_it_comes_in() -> None:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        frame = b"".join(wire.encode(wire.Response(7, value="x" * 100), [bytes(range(64))]))
        bites = []
        mine.setblocking(False)
        pieces = [frame[place : place + 13] for place in range(0, len(frame), 13)]
        theirs.send(pieces.pop(0))

        class Trickle:
            """A socket whose next piece is there as soon as the last one is eaten: it never times out."""

            def recv_into(self, buffer: Any, /) -> int:
                try:
                    return mine.recv_into(buffer)
                except BlockingIOError:
                    theirs.send(pieces.pop(0))
                    return mine.recv_into(buffer)

            send, close = mine.send, mine.close

        message, blob = Channel(Trickle(), wire.FromWorker).receive(lambda: bites.append(1))
        assert (message.id, bytes(blob)) == (7, bytes(range(64)))
        assert len(bites) >= len(frame) // 13 - 3, "the watchdog has to be asked while a frame trickles in"


def test_a_peer_that_hangs_up_within_a_frame_is_gone() -> None:
    mine, theirs = socket.socketpair()
    with mine:
        theirs.send(b"".join(wire.encode(wire.Response(1)))[:-1])
        theirs.close()
        with pytest.raises(ChannelClosedError):
            Channel(mine, wire.FromWorker).receive()
