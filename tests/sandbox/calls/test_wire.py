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
from grader.sandbox.limits.limits import DEFAULT
from grader.toolkit.verdicts import EndedError, StudentError, WrongAnswerError
from tests.sandbox.calls.frames import (
    Scripted,
    mutated_arrays,
    mutated_bytes,
    sample_messages,
    split,
    unpack_everything,
)

FUZZED_FRAMES = 20_000
pack = msgspec.msgpack.encode


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
    st.builds(wire.Response, numbers, plain, failure=st.none() | failures, missing=st.text(max_size=9)),
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
