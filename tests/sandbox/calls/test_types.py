"""Which types travel between a check and a worker, and what an author or a student reads of the others."""

import dataclasses
import inspect
import types
from collections import namedtuple
from typing import Any, NamedTuple

import numpy as np
import pytest

from grader.sandbox.calls import wire
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.unpacking import Unpacker
from grader.toolkit.closeness import expect_close
from grader.toolkit.kinds import expect_kind
from grader.toolkit.show import kind_of, value
from grader.toolkit.travelling import TYPES
from grader.toolkit.verdicts import Opaque, WrongAnswerError

Point = namedtuple("Point", "x y")  # as a student writes it


@dataclasses.dataclass
class Fit:
    slope: float


class Problem(NamedTuple):
    matrix: np.ndarray
    name: str


@dataclasses.dataclass(frozen=True)
class Line:
    points: frozenset


@pytest.fixture
def problems(monkeypatch):
    """A module of a course whose classes a worker has, too."""
    name = "course_of_types.section1_types.problems"
    module = types.ModuleType(name)
    for kind in (Problem, Line):
        monkeypatch.setattr(kind, "__module__", name)
        setattr(module, kind.__name__, kind)
    monkeypatch.setitem(__import__("sys").modules, name, module)


def passed(given: Any) -> Any:
    """A value as a worker gets it from a check."""
    packer = Packer(functions=True)
    tree = packer.pack(given)
    blob = bytearray(b"".join(packer.chunks))
    return Unpacker(packer.arrays, blob, packer.callbacks.__getitem__).unpack(tree)


def returned(answer: Any) -> Any:
    """A value as the trusted process gets it from a worker."""
    packer = Packer()
    tree = packer.pack(answer)
    return Unpacker(packer.arrays, bytearray(b"".join(packer.chunks))).unpack(tree)


BOTH_WAYS = [
    *(None, True, 2**62, 0.5, 1 - 2j, complex("nan+infj"), "ε"),
    *([1, [2.0]], (1, (2j,)), {"a": 1}, {1: "one", 2: "two"}, {(0, 1): 2.0, None: 3, "x": {}}),
    *({3, 1, 2}, {"b", "a"}, {(1, 2), (1, 3)}, frozenset({1j, 2.5}), {frozenset({1})}, set(), {True: {1}, 2: {2}}),
]


@pytest.mark.parametrize("given", BOTH_WAYS, ids=map(str, range(len(BOTH_WAYS))))  # repr of a set has no fixed order
def test_plain_values_travel_both_ways(given):
    for arrived in (passed(given), returned(given)):
        assert type(arrived) is type(given)
        assert repr(arrived) == repr(given) or arrived == given


@pytest.mark.parametrize("dtype", [*wire.ITEM_SIZE])
def test_arrays_travel_both_ways_with_their_dtypes(dtype):
    given = np.array([[0, 1], [1, 0]], dtype)[:, ::-1]
    for arrived in (passed(given), returned(given)):
        assert arrived.dtype == given.dtype
        assert np.array_equal(arrived, given)


def test_numbers_of_numpy_arrive_as_those_of_python():
    numbers = [np.float32(0.5), np.int8(3), np.bool_(True), np.complex64(1 + 2j), np.complex128(3j)]
    for arrived in (passed(numbers), returned(numbers)):
        assert [type(one) for one in arrived] == [float, int, bool, complex, complex]
        assert arrived == [0.5, 3, True, 1 + 2j, 3j]


def test_named_tuples_and_data_classes_of_problems_arrive_as_they_are(problems):
    problem, line = passed([Problem(np.eye(2), "eye"), Line(frozenset({1.0}))])
    assert type(problem) is Problem
    assert problem.name == "eye"
    assert line == Line(frozenset({1.0}))
    assert type(passed(Point(1, 2))) is tuple


def test_a_named_tuple_of_the_reference_equals_the_tuple_that_comes_back():
    decomposition = np.linalg.eigh(np.diag([1.0, 2.0]))
    assert type(decomposition) is not tuple
    got = returned(decomposition)
    assert type(got) is tuple
    expect_close({"eigenvalues and vectors": (got, decomposition)})


async def late(): ...


def test_a_coroutine_that_never_began_is_closed_so_that_python_does_not_warn():
    returned(never := late())
    assert inspect.getcoroutinestate(never) == inspect.CORO_CLOSED


INSTEAD = {
    "a generator (`yield` or `(... for ...)` makes one; return a list)": (number for number in [1]),
    "a coroutine (`async` makes one; leave that word out)": late(),
    "a Fit (return a tuple or a dict of its fields)": Fit(1.0),
    "a csr_array (return its .toarray())": __import__("scipy.sparse").sparse.eye_array(2).tocsr(),
    "a coo_matrix (return its .toarray())": __import__("scipy.sparse").sparse.coo_matrix(np.eye(2)),
    "a numpy array of dtype <U1 (a list can hold these: .tolist())": np.array(["a"]),
    "a set of other things than numbers and texts": {2**70},
    "a dict with other keys than numbers and texts": {(2**70,): 1},
}


@pytest.mark.parametrize(("description", "answer"), INSTEAD.items(), ids=INSTEAD.keys())
def test_a_student_is_told_what_to_return_instead(description, answer):
    assert returned([answer, 1]) == [Opaque(description), 1]
    with pytest.raises(WrongAnswerError) as caught:
        expect_kind(returned(answer), np.ndarray, "f")
    assert caught.value.message == f"f returned {description}, but a numpy array was expected."


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        (Fit(1.0), "a Fit cannot be passed to a submission: define its class in problems.py"),
        (
            INSTEAD["a csr_array (return its .toarray())"],
            "a csr_array cannot be passed to a submission: pass its .toarray()",
        ),
    ],
)
def test_an_author_is_told_what_to_pass_instead(given, instead):
    with pytest.raises(TypeError) as caught:
        passed(given)
    assert str(caught.value) == instead


def test_a_set_is_packed_in_one_order():
    one, other = ({f"{number}" for number in order} for order in (range(40), reversed(range(40))))
    assert Packer().pack(one) == Packer().pack(other)


@pytest.mark.parametrize(
    "tree",
    [
        wire_of
        for code in (wire.SET, wire.FROZENSET)
        for wire_of in ((code, [[1]]), (code, [{"a": 1}]), (code, {"a": 1}), (code, 3))
    ]
    + [(wire.PAIRS, [[1]]), (wire.PAIRS, [[[1], 2]]), (wire.PAIRS, [1]), (wire.COMPLEX, [1.0, 2.0])],
    ids=str,
)
def test_what_no_honest_worker_sends_is_refused(tree):
    import msgspec

    code, inside = tree
    with pytest.raises(wire.ProtocolError):
        Unpacker([], bytearray()).unpack(msgspec.msgpack.Ext(code, msgspec.msgpack.encode(inside)))


def test_they_are_shown_and_compared():
    assert value(1 - 2j) == "1.0000-2.0000j"
    assert value({3, 1, 2}) == "{1, 2, 3}"
    assert value(frozenset()) == "frozenset()"
    assert kind_of({1, 2}) == "a set of 2"
    expect_close({"z": (1 + 1e-12j, 1 + 0j), "set": ({1, 2}, {2, 1})})
    with pytest.raises(WrongAnswerError) as caught:
        expect_close({"roots": ({1, 2}, {1, 3})})
    assert [(row.expected, row.got) for row in caught.value.rows] == [("{1, 3}", "{1, 2}")]
    for right, annotation in ((1j, complex), ({1}, set[int]), (frozenset(), frozenset)):
        expect_kind(right, annotation, "f")
    with pytest.raises(WrongAnswerError, match=r"f returned a list of 1, but a set was expected\."):
        expect_kind([1], set[int], "f")


def test_a_changed_set_is_noticed(trial):
    source = "def f(seen):\n    seen.add(4)\n    return {1: seen, (2, 'b'): 1j}\n"
    with trial(source, "def f(seen): ...", exercise="f") as met:
        given = {1, 2}
        assert met.student.f(given) == {1: {1, 2, 4}, (2, "b"): 1j}
    assert given == {1, 2}
    assert met.student.disturbance.message == "seen holds other items after the call. Do not change the set."


def test_the_table_for_authors_has_three_columns_of_words():
    assert all(len(row) == 3 and all(row) for row in TYPES)
    assert len({row[0] for row in TYPES}) == len(TYPES)
