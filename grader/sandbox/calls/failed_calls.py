"""A call without a value: the submission lacks the function, has only its stub, or raises. The exception and its message."""

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from grader.sandbox.calls import wire
from grader.submission.formats import SESSION, format_of
from grader.submission.notebook_cells import place_in
from grader.toolkit.verdicts import EndedError, SourceLine, StudentError, WrongAnswerError

_UNCALLABLE = re.compile(r"\w+\(\) (missing|got|takes) ")
_UNKNOWN = re.compile(r"name '(\w{1,60})' is not defined")
_LINES_SHOWN = 8  # a worker sends fewer, unless it lies


@dataclass(frozen=True)
class Definition:
    """A top-level function or class of a submission; `replaces` is the line of an earlier definition of the name, or 0.

    `parameters` are the names of what it takes by position; `place` puts the place of a line into words.
    """

    line: int
    stub: bool
    replaces: int = 0
    parameters: tuple[str, ...] = ()
    place: Callable[[int], str] = field(default="line {}".format, compare=False)

    def told_twice(self, name: str) -> str:
        """The sentences that say that the definition replaces another one."""
        places = f"{self.place(self.replaces)}, and {self.place(self.line)}"
        return f"{name} is defined twice: {places}. Python uses the last one"


NOTHING_DEFINED: Mapping[str, Definition] = MappingProxyType({})


def missing(filename: str, name: str, defined: Iterable[str], own: Callable[[str], Any]) -> WrongAnswerError:
    """The message when the submission has no function called `name`; `defined` are the names in its source.

    `own` gives the reference's value of a name, or None: what both have was not meant for another.
    """
    defined = set(defined)
    if name in defined and format_of(filename).has_cells:
        return WrongAnswerError(f"{name} has no value, since a cell that should define it fails or deletes it.")
    if name in defined:
        return WrongAnswerError(f"{filename} stops loading before it comes to {name}.")
    nearest = difflib.get_close_matches(name, sorted(one for one in defined if own(one) is None), n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    if filename == SESSION:
        hint = hint or " Run its cell. If that stops with an error, fix the error first."
        return WrongAnswerError(f"No cell of this kernel has defined a function or class named {name}.{hint}")
    if format_of(filename).has_cells:
        hint = hint or (
            " It must be in a code cell: a Markdown cell does not count, and neither does what %run or an import brings from a "
            "file of yours."
        )
    return WrongAnswerError(f"{filename} defines no function or class named {name}.{hint}")


def is_raised_by(lines: Sequence[SourceLine]) -> bool:
    """Tell whether the student's own line raised an exception that passed through `lines`, and not a library below it.

    torch, too, raises NotImplementedError: for an operator that a device lacks, or a module without `forward`.
    """
    return not lines or re.search(r"\braise\b", lines[-1].text) is not None


def explained(
    failure: wire.Failure, name: str, filename: str, defined: Iterable[str], own: Callable[[str], Any]
) -> wire.Failure:
    """The failure of `name` with what the reference tells of it.

    Of a function that could not even be called: which parameters it is to have. Of an unknown name: that it is an exercise.
    """
    function, unknown = own(name), _UNKNOWN.match(failure.message)
    uncalled = failure.type == "TypeError" and not failure.frames and _UNCALLABLE.match(failure.message)
    if uncalled and inspect.isfunction(function):
        names = ", ".join(inspect.signature(function).parameters)
        return msgspec.structs.replace(failure, message=f"{failure.message}\nIts parameters should be: {names}.")
    if failure.type == "NameError" and unknown and unknown[1] not in {*defined}:
        other = own(unknown[1])
        if getattr(other, "__module__", "") == getattr(function, "__module__", None):  # and not imported
            said = missing(filename, unknown[1], defined, own).message
            return msgspec.structs.replace(failure, message=f"{unknown[0]}.\n{said}")
    return failure


def as_error(failure: wire.Failure, name: str, defined: Mapping[str, Definition] = NOTHING_DEFINED) -> BaseException:
    """The exception to raise in a check for an exception of the submission."""
    lines = tuple(SourceLine(frame.line, frame.function, frame.text) for frame in failure.frames[:_LINES_SHOWN])
    if failure.type == WrongAnswerError.__name__ and not lines:  # our program names its arguments
        return WrongAnswerError(failure.message)
    if "NotImplementedError" in failure.bases and is_raised_by(lines):
        return not_implemented(lines, name, defined)
    if "Exception" not in failure.bases:
        return EndedError("crashed", f"{name} raised {failure.type}, which ends the program.", lines)
    return StudentError(failure.type, tuple(failure.bases), failure.message, lines, failure.values)


def not_implemented(lines: tuple[SourceLine, ...], name: str, defined: Mapping[str, Definition]) -> BaseException:
    """The exception for a NotImplementedError that the student's own line raised: a stub's, or a forgotten `raise`."""
    where = next((line.function for line in reversed(lines) if line.function.isidentifier()), name)
    if where in defined and defined[where].stub:
        return EndedError("not_started", not_written(where, defined[where]), lines)
    found = place_in(lines[-1].text) if lines else None
    place = f"line {lines[-1].line}" if lines else "a line"
    if found is not None:
        place = f"cell {found[0]}, line {found[1]}"
    message = f"{place} is still `raise NotImplementedError`. Replace it by your code, or delete it."
    return StudentError(NotImplementedError.__name__, (NotImplementedError.__name__,), message, lines)


def not_written(name: str, stub: Definition) -> str:
    """The message about a stub."""
    if stub.replaces:
        return f"{stub.told_twice(name)}, which is only the stub. Delete it."
    return f"{name} is not written yet."
