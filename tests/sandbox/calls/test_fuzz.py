"""Any bytes from a worker give a message, or an error of the submission, in bounded memory and time.

`test_wire.py` bends frames that we would send ourselves; here are frames that nobody would. GRADE_FUZZ_CASES asks for that
many new cases in all; without it, they are the same ones every time.
"""

import os
import random
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.msgpack import Ext

from grader.sandbox.calls import wire
from grader.sandbox.calls.conversation import Conversation
from grader.sandbox.calls.packing import DEPTH_LIMIT
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

ASKED = os.environ.get("GRADE_FUZZ_CASES")
CASES = int(ASKED or "25000")
VARIANTS = 50  # of one example
SECONDS = 2.0  # of computing, for one case

pack = msgspec.msgpack.encode


def fuzz(share: float) -> settings:
    """Settings for a share of all cases."""
    return settings(
        max_examples=max(1, int(CASES * share / VARIANTS)),
        deadline=None,
        derandomize=ASKED is None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


# -- what msgpack can say at all, among it all that a frame of ours may hold

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.datetimes(timezones=st.just(UTC)),
)
codes = st.integers(-128, 127).filter(lambda code: code != -1) | st.integers(wire.ARRAY, wire.SHARED)
small = st.integers(-2, 6)


def trees(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.text(max_size=4) | st.integers(-3, 3)
    return st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(keys, inner, max_size=3),
        st.builds(lambda code, part: Ext(code, pack(part)), codes, st.lists(inner, max_size=3) | inner),
        st.builds(Ext, codes, st.binary(max_size=12)),
        st.builds(lambda index: Ext(wire.ARRAY, index.to_bytes(4, "little", signed=True)), small),
    )


values = st.recursive(scalars, trees, max_leaves=12)
sizes = st.lists(st.sampled_from([0, 1, 2, 3, 2**26, 2**31, 2**62, -1]), max_size=18)
arrays = st.tuples(
    st.sampled_from([*wire.ITEM_SIZE, "object", "float128", ""]),
    sizes,
    st.sampled_from([0, 64, 128, -64, 1, 2**62]),
    st.sampled_from(["tensor", "parameter", "ndarray", "pickle"]),
    st.booleans(),
    st.booleans(),
)
frames = st.tuples(st.integers(-5, 2**40), st.text(max_size=5), st.text(max_size=5))
failures = st.fixed_dictionaries(
    {"type": st.text(max_size=8), "bases": st.lists(st.text(max_size=20), max_size=3), "message": st.text(max_size=20)},
    optional={"frames": st.lists(frames, max_size=12)},
)
fields = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["response", "response", "callback", "hello", "call", "load", ""]),
        "id": st.integers(0, 2) | values,
    },
    optional={
        "value": values,
        "args": st.lists(values, max_size=3),
        "handle": small,
        "arrays": st.lists(arrays, max_size=3) | values,
        "changed": st.lists(st.tuples(small, small), max_size=4) | values,
        "failure": failures | values,
        "missing": st.booleans() | values,
        "forbidden": st.fixed_dictionaries({"name": st.text(max_size=5), "full": st.text(max_size=5)}) | values,
        "layers": st.dictionaries(st.text(max_size=4), scalars, max_size=3) | values,
        "grade": values,
    },
)
headers = st.one_of(fields.map(pack), values.map(pack), st.binary(max_size=80))


def timed(function: Callable[..., Any], *args: Any) -> Any:
    begin = time.process_time()
    result = function(*args)
    assert time.process_time() - begin < SECONDS
    return result


def outcome_of(header: bytes, blob: bytearray) -> str:
    """Decode and unpack a response as the trusted process does. Other exceptions escape."""
    try:
        message = wire.decode(header, blob, wire.FromWorker)
    except wire.ProtocolError:
        return "no message"
    try:
        unpack_everything(message, blob)
    except _GARBLED:
        return "garbled"
    return "value"


@pytest.mark.slow
@fuzz(0.7)
@given(headers, st.sampled_from([b"", bytes(64), bytes(range(256)) * 2]), st.integers(0, 2**32))
def test_any_header_is_a_message_or_no_message(header: bytes, blob: bytes, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(VARIANTS):
        timed(outcome_of, mutated_bytes(header, rng) if number else header, bytearray(blob))


class Liar(Scripted):
    """A worker process, and its socket, that greets, sends the given bytes for two requests, and hangs up."""

    def __init__(self, header: bytes, blob: bytes, knows_id: bool) -> None:
        super().__init__(random.Random(0))
        self._header, self._blob, self._knows_id = header, blob, knows_id
        self._answers = 2  # to the call, and to what a function answered that it called back

    def send(self, data: Any) -> int:
        self._answers -= 1
        if self._answers < 0:
            return len(data)
        header = self._header
        if self._knows_id:
            request = wire.decode(*split(bytes(data)), wire.ToWorker)
            header = with_id(header, request.id)
        self._pending = bytearray(wire.PREFIX.pack(len(header), len(self._blob)) + header + self._blob)
        return len(data)


def with_id(header: bytes, number: int) -> bytes:
    """The header with another id, if it is a message at all."""
    try:
        tree = msgspec.msgpack.decode(header)
    except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
        return header
    return (
        pack({**tree, "id": number}) if isinstance(tree, dict) and all(isinstance(key, str) for key in tree) else header
    )


def result(scale: float) -> torch.Tensor: ...


def responses() -> list[tuple[Any, bytes]]:
    """Responses as an honest worker sends them, with their blobs."""
    found = [(message, b"".join(chunks)) for message, kind, chunks in sample_messages() if kind is wire.FromWorker]
    answered, blob = found[0]
    return [*found, (msgspec.structs.replace(answered, changed=[]), blob)]


def meet(header: bytes, blob: bytes, knows_id: bool) -> str:
    """What a check meets that calls a function of a worker like this."""
    student = RemoteStudent(
        lambda *_: Conversation(Liar(header, blob, knows_id), DEFAULT), Contract(sys.modules[__name__]), "f.py"
    )
    arguments = [np.ones(6), torch.ones(2, 3), torch.Generator(), 1, [torch.ones(3)], lambda x: x]
    name = "result" if len(header) % 2 else "f"
    try:
        getattr(student, name)(*arguments)
    except (EndedError, StudentError, WrongAnswerError) as error:
        return type(error).__name__
    return "value"


@pytest.mark.slow
@fuzz(0.3)
@given(headers, st.sampled_from([b"", bytes(64), bytes(range(256)) * 2]), st.booleans(), st.integers(0, 2**32))
def test_a_check_meets_a_value_or_an_error_of_the_student(
    header: bytes, blob: bytes, knows_id: bool, seed: int
) -> None:
    rng = random.Random(seed)
    samples = responses()
    for number in range(VARIANTS):
        if number % 2:
            message, data = rng.choice(samples)
            header, blob = msgspec.msgpack.encode(mutated_arrays(message, rng)), data
        timed(meet, mutated_bytes(header, rng) if number else header, blob, knows_id)


# -- the most that a frame can ask for


GREED = wire.HEADER_LIMIT // 4  # what a whole header asks for is four times as much


def nested_tuples(depth: int, leaf: bytes) -> bytes:
    for _ in range(depth):
        leaf = pack([Ext(wire.TUPLE, leaf)])
    return leaf


def filled(element: bytes, size: int = GREED) -> bytes:
    """A list of as many such elements as there is room for."""
    count = size // len(element)
    return b"\xdd" + count.to_bytes(4, "big") + element * count


def answer(value: bytes = b"\xc0", arrays: bytes = b"\x90") -> bytes:
    return b"\x84\xa4type\xa6answer\xa2id\x01\xa5value" + value + b"\xa6arrays" + arrays


GREEDY = {
    "nils": answer(filled(b"\xc0")),
    "lists": answer(filled(b"\x90")),
    "maps": answer(filled(b"\x80")),
    "empty tuples": answer(filled(pack(Ext(wire.TUPLE, b"\x90")))),
    "words": answer(filled(pack(Ext(wire.OPAQUE, b"")))),
    "one array many times": answer(filled(pack(Ext(wire.ARRAY, bytes(4)))), pack([["uint8", [64], 0]])),
    "tuples in tuples": answer(nested_tuples(DEPTH_LIMIT, filled(b"\x90"))),
    "too many of them": answer(nested_tuples(500, b"\x90")),
    "lists in lists": answer(b"\x91" * 200_000 + b"\xc0"),
    "arrays of nothing": answer(arrays=filled(pack(["int8", [0], 0]))),
    "an array of very many dimensions": answer(arrays=pack([["int8", [1] * 200_000, 0]])),
    "an array without content but large": answer(arrays=pack([["float64", [0] + [2**26] * 15, 0]])),
    "a long text": answer(pack("x" * 250_000)),
}


@pytest.mark.parametrize("header", GREEDY.values(), ids=GREEDY.keys())
def test_the_greediest_header_takes_bounded_memory_and_time(header: bytes) -> None:
    assert len(header) <= wire.HEADER_LIMIT
    assert timed(outcome_of, header, bytearray(64)) in ("no message", "garbled", "value")
    tracemalloc.start()
    outcome_of(header, bytearray(64))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 256 * max(GREED, len(header))


def test_the_cases_reach_every_ending() -> None:
    """A fuzz whose every case is refused at the door would find nothing."""
    rng = random.Random(0)
    samples = responses()
    outcomes = set()
    for _ in range(300):
        message, blob = rng.choice(samples)
        header = pack(mutated_arrays(message, rng))
        outcomes.add(meet(header if rng.random() < 0.5 else mutated_bytes(header, rng), blob, rng.random() < 0.9))
    assert outcomes == {"value", "EndedError", "StudentError", "WrongKindError"}
