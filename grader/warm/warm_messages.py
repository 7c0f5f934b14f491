"""The messages between a `grade` in a terminal and the warm process, besides tasks and Reports."""

import msgspec

from grader.service.messages import SentTask


class WarmStart(msgspec.Struct, frozen=True):
    """How to start: the course, the socket, the environment, and the fingerprint of what must stay the same.

    `leader` is the process whose end is the log-out. `first` was graded just now, and the checks with the ids `passed` passed.
    With `has_forked_zygote`, the zygote has been forked from the process that is started. It ends if it is not asked for
    `idle_seconds`.
    """

    root: str
    socket: str
    fingerprint: str
    leader: int
    environment: list[tuple[bytes, bytes]]
    first: SentTask
    passed: frozenset[str]
    has_forked_zygote: bool
    idle_seconds: float


class WarmRequest(msgspec.Struct, frozen=True):
    """Grade, if the course, the grader and the environment are those of this fingerprint."""

    fingerprint: str
    task: SentTask
