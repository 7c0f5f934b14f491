"""How a grading travels to another process of ours and its Report back: messages with their length in front."""

from pathlib import Path
from typing import Any, Protocol

import msgspec

from grader.course import Course
from grader.grading.report import Report
from grader.grading.request import Selection, Task
from grader.submission.submission import Submission

_LENGTH = 8  # bytes of a length, in front of each message


class Readable(Protocol):
    """A pipe or a socket's file to read from."""

    def read(self, count: int, /) -> bytes | None: ...


class Writable(Protocol):
    """A pipe or a socket's file to write to."""

    def write(self, data: bytes, /) -> Any: ...

    def flush(self) -> None: ...


class SentTask(msgspec.Struct, frozen=True):
    """A task: the section's id, the fields of the submission that a grading needs, and the selection."""

    section: str
    filename: str
    path: str
    real: str
    made_for: str
    source: bytes
    selection: Selection

    @classmethod
    def of(cls, task: Task) -> "SentTask":
        file = task.submission
        real = str(file.real or "")
        return cls(task.section.id, file.filename, str(file.path), real, file.made_for, file.source, task.selection)

    def task(self, course: Course) -> Task:
        """The task, in another process's copy of the course."""
        real = Path(self.real) if self.real else None
        file = Submission(self.filename, Path(self.path), self.source, self.made_for, real)
        return Task(course.find(self.section), file, self.selection)


class SentReport(msgspec.Struct, frozen=True):
    """The running check, or the end: a Report, or None if the process that asked has to grade."""

    report: Report | None = None
    running: tuple[str, str, int, int] | None = None


class ShareStart(msgspec.Struct, frozen=True):
    """The course with its key, whose code may run unconfined, and what to grade."""

    root: str
    key: bytes
    trusted: str
    everybody: bool
    tasks: list[SentTask]


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
