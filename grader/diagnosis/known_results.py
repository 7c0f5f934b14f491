"""The mistakes and alterations that a student kit knows: calls, the reference's answers, and digests of theirs.

The solutions and the mistakes themselves are not in a kit. `recording` makes the file; `diagnosis` compares with it.
"""

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from grader.course_modules import package_of
from grader.diagnosis.replay import CallResult, graphs_in
from grader.sandbox.calls import wire
from grader.sandbox.calls.packing import Packer
from grader.sandbox.calls.transcript import Exchange
from grader.sandbox.calls.unpacking import Unpacker
from grader.section import Section
from grader.toolkit.travelling import PREFIX

_VERSION = 3
_MARK = 2  # bytes of a digest that an alteration keeps for each call; all of them must fit
# Programs and problems are named by their module, whose package is named after the folder of the course. A file has this name, of
# the same length, in its place: the same course gives the same file everywhere.
_PACKAGE = f"{PREFIX}{'0' * 12}".encode()


def graphs_of(result: CallResult) -> str:
    """Which tensors of a result carry gradients: a digit for each."""
    return "".join(str(int(flag)) for flag in graphs_in(result.value))


class StoredValue(msgspec.Struct, frozen=True, array_like=True):
    """A value as a message holds it."""

    tree: Any
    arrays: list[wire.Array]
    data: bytes

    @classmethod
    def of(cls, value: Any) -> "StoredValue":
        packer = Packer()
        tree = packer.pack(value)
        return cls(tree, packer.arrays, b"".join(packer.chunks))

    def value(self) -> Any:
        return Unpacker(self.arrays, bytearray(self.data)).unpack(self.tree)


class StoredCall(msgspec.Struct, frozen=True, array_like=True):
    """A call of a check, and the reference's answer."""

    check: str
    request: wire.Call
    blob: bytes
    value: StoredValue
    changed: list[int]
    changes: StoredValue
    raised: str
    message: str
    switches: list[tuple[str, int]]
    graphs: str  # which results carry gradients

    @classmethod
    def of(cls, check: str, exchange: Exchange, result: CallResult) -> "StoredCall":
        assert exchange.request is not None
        changed = sorted(result.changes)
        contents = StoredValue.of([result.changes[index] for index in changed])
        request = msgspec.structs.replace(exchange.request, id=0)
        told = result.raised, result.message, list(result.switches), graphs_of(result)
        return cls(check, request, exchange.blob, StoredValue.of(result.value), changed, contents, *told)

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.request.name, self.request, self.blob)

    @property
    def expected(self) -> CallResult:
        changes: dict[int, Any] = dict(zip(self.changed, self.changes.value(), strict=True))
        switches = tuple((what, place) for what, place in self.switches)
        return CallResult(self.value.value(), changes, self.raised, self.message, switches)


class StoredMistake(msgspec.Struct, frozen=True, array_like=True):
    """A mistake by its answers: a digest for each call, or one digest of the features that a probe finds. Graphs tell which
    results carry one."""

    slug: str
    message: str
    hints: tuple[str, ...]
    digests: list[bytes] = []
    graphs: list[str] = []
    behaviour: bytes = b""


def marks_of(digests: "Sequence[bytes]") -> bytes:
    """The marks of an alteration: the beginnings of its digests. Empty if one is missing."""
    return b"".join(digest[:_MARK] for digest in digests) if all(digests) else b""


class StoredAlteration(msgspec.Struct, frozen=True, array_like=True):
    """An altered solution by its answers to the calls of `StoredExercise.told`."""

    slug: str
    message: str
    marks: bytes

    def answers_like(self, answers: "Sequence[Answered]") -> bool:
        """Whether each answer has its mark."""
        wanted = [self.marks[place : place + _MARK] for place in range(0, len(self.marks), _MARK)]
        return all(
            any(one.startswith(mark) for one in answer.digests) for answer, mark in zip(answers, wanted, strict=True)
        )


class StoredExercise(msgspec.Struct, frozen=True, array_like=True):
    """The calls and mistakes of one exercise."""

    calls: list[StoredCall] = []
    right: list[bytes] = []  # digests of what the reference answers
    right_behaviour: bytes = b""
    mistakes: list[StoredMistake] = []
    told: list[int] = []  # the calls that tell alterations from each other
    altered: list[StoredAlteration] = []

    def evidence_of(self, check: str) -> list[int]:
        """The calls that tell about a failed check: its own, and all others that are answered with a value."""
        return [place for place, call in enumerate(self.calls) if call.check == check or not call.raised]

    def named(
        self, check: str, seen: "Sequence[Answered | None]", among: Collection[int] | None = None
    ) -> StoredMistake | None:
        """The mistake that alone answers like a submission in all calls about a check, or some; none if it is right."""
        places = [place for place in self.evidence_of(check) if among is None or place in among]
        pairs = [(place, seen[place]) for place in places]
        answers = [(place, answer) for place, answer in pairs if answer is not None]
        if not answers or len(answers) < len(pairs):
            return None
        wrong = any(self.right[place] not in answer.digests for place, answer in answers)
        if not wrong and all(self.calls[place].graphs == answer.graphs for place, answer in answers):
            return None
        found = [one for one in self.mistakes if one.digests and all(_fits(one, *pair, not wrong) for pair in answers)]
        return found[0] if len(found) == 1 else None

    def altered_like(self, seen: "Sequence[Answered | None]") -> StoredAlteration | None:
        """The alteration that alone answers like a submission."""
        answers = [answer for place in self.told if (answer := seen[place]) is not None]
        if len(answers) < len(self.told):
            return None
        found = [one for one in self.altered if one.answers_like(answers)]
        return found[0] if len(found) == 1 else None

    def named_by_behaviour(self, digests: frozenset[bytes]) -> StoredMistake | None:
        """The mistake that alone behaves like a submission."""
        if self.right_behaviour in digests:
            return None
        found = [one for one in self.mistakes if one.behaviour and one.behaviour in digests]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Answered:
    """The answer of a submission to a call: the possible digests, and which results carry gradients."""

    digests: frozenset[bytes]
    graphs: str


def _fits(mistake: StoredMistake, place: int, answer: Answered, graphs: bool) -> bool:
    return mistake.digests[place] in answer.digests and (not graphs or mistake.graphs[place] == answer.graphs)


class _File(msgspec.Struct, frozen=True):
    version: int
    exercises: dict[str, StoredExercise]


@dataclass(frozen=True)
class KnownResults:
    """The calls and mistakes of a section, by exercise."""

    exercises: Mapping[str, StoredExercise] = field(default_factory=dict)

    def encoded(self, section: Section) -> bytes:
        data = msgspec.msgpack.encode(_File(_VERSION, dict(self.exercises)))
        return zlib.compress(data.replace(package_of(section.root).encode(), _PACKAGE), 9)

    def of(self, exercise: str) -> StoredExercise:
        return self.exercises.get(exercise, StoredExercise())


def text_of(encoded: bytes) -> str:
    """All text in an encoded file."""
    return zlib.decompress(encoded).decode("utf-8", errors="replace")


@cache
def known_results(section: Section) -> KnownResults:
    """The mistakes that a kit knows of a section: none in a course with solutions, or where nothing was recorded."""
    path = section.known_results
    if section.solution.is_file() or not path.is_file():
        return KnownResults()
    data = zlib.decompress(path.read_bytes()).replace(_PACKAGE, package_of(section.root).encode())
    file = msgspec.msgpack.decode(data, type=_File)
    return KnownResults(file.exercises if file.version == _VERSION else {})
