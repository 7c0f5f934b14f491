"""What goes between a `grade` in a terminal and the warm process: messages with their length in front."""

from typing import Any, Protocol

import msgspec

from grader.grading.report import Report

_LENGTH = 8  # bytes of a length, in front of each message


class Readable(Protocol):
    """A pipe or a socket's file to read from."""

    def read(self, count: int, /) -> bytes | None: ...


class Writable(Protocol):
    """A pipe or a socket's file to write to."""

    def write(self, data: bytes, /) -> Any: ...

    def flush(self) -> None: ...


class WarmGrading(msgspec.Struct, frozen=True):
    """What to grade: a Submission's fields, and those of a Selection."""

    section: str
    filename: str
    path: str
    real: str
    made_for: str
    source: bytes
    exercises: tuple[str, ...] = ()
    keyword: str | None = None
    stop_first: bool = False


class WarmStart(msgspec.Struct, frozen=True):
    """How to start: the course, the socket, and the fingerprint of what must stay the same.

    `leader` is the process whose end is the log-out. `first` was graded just now, and the checks with the ids `passed` passed.
    """

    root: str
    socket: str
    fingerprint: str
    lanes: int
    leader: int
    first: WarmGrading
    passed: frozenset[str]


class WarmRequest(msgspec.Struct, frozen=True):
    """Grade, if the course, the grader and the environment are those of this fingerprint."""

    fingerprint: str
    grading: WarmGrading


class WarmReply(msgspec.Struct, frozen=True):
    """The running check, or the end: a Report, or None if the grading has to be done without the warm process."""

    report: Report | None = None
    running: tuple[str, str, int, int] | None = None


def send(pipe: Writable, message: msgspec.Struct) -> None:
    """Write a message."""
    data = msgspec.msgpack.encode(message)
    pipe.write(len(data).to_bytes(_LENGTH, "little") + data)
    pipe.flush()


def receive(pipe: Readable) -> bytes | None:
    """Read the bytes of a message; None if the other side has hung up."""
    prefix = _exactly(pipe, _LENGTH)
    return None if prefix is None else _exactly(pipe, int.from_bytes(prefix, "little"))


def _exactly(pipe: Readable, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        piece = pipe.read(count - len(data))
        if not piece:
            return None
        data += piece
    return data
