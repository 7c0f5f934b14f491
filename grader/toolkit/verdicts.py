"""How a check ends when it does not pass: exceptions with the payload that a report shows.

Those that hypothesis should shrink are `Exception`s. `EndedError` is not: when the worker is gone, there is nothing left
to search with.
"""

import builtins
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.toolkit.trajectory import Trajectory


@dataclass(frozen=True)
class Opaque:
    """Stands for something that a submission returned and that cannot leave its process, such as a module."""

    description: str


@dataclass(frozen=True)
class Row:
    """One line of a comparison: the expected beside the received value."""

    label: str
    expected: str
    got: str
    differs: bool


class WrongAnswerError(AssertionError):
    """The submission's answer is wrong. `message` is for the student; `rows` compare expected and got.

    `in_rows` says that the message only names a wrong row; `trajectory` is the sequence that went wrong, as a whole.
    """

    def __init__(
        self, message: str, rows: tuple[Row, ...] = (), in_rows: bool = False, trajectory: "Trajectory | None" = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.rows = rows
        self.in_rows = in_rows
        self.trajectory = trajectory


class WrongKindError(WrongAnswerError):
    """An answer is not of the kind that an annotation promises; `got` and `expected` say the kinds."""

    def __init__(self, message: str, got: str, expected: str) -> None:
        super().__init__(message)
        self.got = got
        self.expected = expected


class ShortfallError(WrongAnswerError):
    """A measured result earns only a part of the check's points: the fraction `earned`, at least 0 and less than 1."""

    def __init__(self, message: str, earned: float) -> None:
        super().__init__(message)
        self.earned = earned


@dataclass(frozen=True)
class SourceLine:
    """A line of the student's file that an exception passed through."""

    line: int
    function: str
    text: str


class StudentError(Exception):
    """The submission's own code raised an exception; `bases` are the names of its built-in base classes, nearest first.

    `values` is a sentence about the variables of the expression that raised it.
    """

    def __init__(
        self,
        type: str,
        bases: tuple[str, ...],
        message: str,
        lines: tuple[SourceLine, ...] = (),
        values: str = "",
    ) -> None:
        super().__init__(f"{type}: {message}")
        self.type = type
        self.bases = bases
        self.message = message
        self.lines = lines
        self.values = values

    def as_built_in(self) -> "StudentError":
        """The same error as one of its nearest built-in kind, too: `pytest.raises(ValueError, match=...)` sees it."""
        kind = next((kind for kind in map(_built_in, self.bases) if kind), None)
        return kind(self.type, self.bases, self.message, self.lines, self.values) if kind else self


# Python gives these a meaning of their own, or makes them of other arguments than a message.
_APART = {"BaseException", "Exception", "StopIteration", "StopAsyncIteration", "ExceptionGroup", "BaseExceptionGroup"}
_APART |= {"UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError"}


@cache
def _built_in(name: str) -> type[StudentError] | None:
    """The class of errors of submissions that are of a built-in kind, too."""
    kind = getattr(builtins, name, None)
    if name in _APART or not (isinstance(kind, type) and issubclass(kind, Exception)):
        return None

    def text(error: StudentError) -> str:
        return error.message

    return type(f"Student{name}", (StudentError, kind), {"__str__": text})


@dataclass(eq=False)
class EndedError(BaseException):
    """The worker ended, or there is nothing to run: the check ends here with `status`, and says `message`."""

    status: str
    message: str
    lines: tuple[SourceLine, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.status}: {self.message}"


class GraderFaultError(BaseException):
    """The grader or the machine failed, not the submission: never points lost."""


class ShellLimitError(GraderFaultError):
    """A limit of the shell (ulimit) is below what a submission may use: the person who types can change it."""


class CourseModuleError(GraderFaultError):
    """A module of a course cannot be imported: the message names file, line, cause and what to do."""

    def told(self, is_student: bool) -> str:
        """The message for an author of the course, or for a student, who can change nothing."""
        if is_student:
            return f"The course's checks cannot be loaded: tell your instructor. No points are lost.\n{self}"
        return f"The checks cannot be loaded.\n{self}"


class PictureError(CourseModuleError):
    """A picture asks for something that the solution does not give: the message names file, line, cause and what to do."""

    def told(self, is_student: bool) -> str:
        who = ": tell your instructor. No points are lost" if is_student else ""
        return f"A picture of the course cannot be drawn{who}.\n{self}"


class DataError(Exception):
    """Data of a course cannot be had: the message names the file or folder, what is wrong and what to do."""
