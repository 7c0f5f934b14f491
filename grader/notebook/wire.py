"""What a kernel asks of its assistant and is answered: frames on a pair of pipes, a length and then msgpack."""

from typing import IO

import msgspec

from grader.grading.report import Report
from grader.predictions import Prediction

_LENGTH = 8  # bytes


class Request(msgspec.Struct, frozen=True):
    """Grade exercises of a section, all if none is named, of the course at `root`; `source` is that of a notebook.

    With `predicts`, what its functions do is compared with its predictions, too.
    """

    root: str
    section: str
    exercises: tuple[str, ...]
    filename: str
    source: bytes
    predicts: bool = False


class Reply(msgspec.Struct, frozen=True):
    """A Report, or what kept it from being made; `ours` if the grader itself failed."""

    report: Report | None = None
    predictions: list[Prediction] = []
    error: str = ""
    ours: bool = False


def send(pipe: IO[bytes], message: msgspec.Struct) -> None:
    """Write a message."""
    data = msgspec.msgpack.encode(message)
    pipe.write(len(data).to_bytes(_LENGTH, "little") + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes | None:
    """Read a message, to be decoded; None if the other side has hung up."""
    prefix = _exactly(pipe, _LENGTH)
    return None if prefix is None else _exactly(pipe, int.from_bytes(prefix, "little"))


def _exactly(pipe: IO[bytes], count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        piece = pipe.read(count - len(data))
        if not piece:
            return None
        data += piece
    return data
