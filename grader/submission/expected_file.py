"""The file that a section expects, and the errors for a hand-in without it: the file, the reason, the fix."""

import errno
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import PurePath

from grader.course import UsageError
from grader.toolkit.text import one_line

MIB = 1 << 20
SIZE_LIMIT = 1 * MIB  # bytes of source; the longest honest solution has a few ten thousand
NOTEBOOK_LIMIT = 16 * MIB  # its pictures are in the file, too
KINDS = (".py", ".ipynb")
HAND_IN_KINDS = (*KINDS, ".zip")

_PLACE_SHOWN = 200  # characters


PLACEHOLDER = "raise NotImplementedError"  # the body of a stub's function
_RAISED = PLACEHOLDER.encode()
# What a function begins with that only raises: its docstring or first line, and little else. In a notebook, lines are strings.
_BEFORE = re.compile(rb'(?:"""|\\"\\"\\"|:)(?:\\[rn]|[\s",])*\Z')
_BEFORE_LIMIT = 60  # bytes
_RAISES_LIMIT = 100  # no stub has as many


@dataclass(frozen=True)
class ExpectedFile:
    """The file of a section: its stem, the command that grades it, and its number of exercises, 0 if unknown."""

    stem: str
    command: str
    exercises: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.stem + kind for kind in KINDS)

    def is_started(self, source: bytes) -> bool:
        """Whether a file of the section seems to hold more than stubs."""
        return not self.exercises or not looks_untouched(source, self.exercises)

    def grade(self, path: str | PurePath) -> str:
        """The command that grades a file or folder."""
        return f"{self.command} --submission {shlex.quote(one_line(str(path), _PLACE_SHOWN))}"

    def refusal(self, place: str | PurePath, reason: str, fix: str = "") -> UsageError:
        """The error to raise for `place`; without a fix, it asks for the section's file."""
        fix = fix or f"Hand in your {self.names[0]} itself: {self.grade(self.names[0])}"
        return UsageError(f"{one_line(str(place), _PLACE_SHOWN)}: {reason}. {fix}")


def looks_untouched(source: bytes, exercises: int) -> bool:
    """Whether a Python file or a saved notebook seems to hold only stubs."""
    count, place = 0, -1
    for _ in range(_RAISES_LIMIT):
        place = source.find(_RAISED, place + 1)
        if place < 0 or count >= exercises:
            break
        count += _BEFORE.search(source, max(0, place - _BEFORE_LIMIT), place) is not None
    return count >= exercises


def size_limit(name: str) -> int:
    """How many bytes a file of this name may have."""
    return NOTEBOOK_LIMIT if kind_of(name) == ".ipynb" else SIZE_LIMIT


def kind_of(name: str) -> str:
    """The end of a file's name that tells its kind, such as ".py"."""
    return os.path.splitext(name)[1].lower()


def reason_of(error: OSError | ValueError) -> str:
    """Why the operating system will not open a path."""
    number = getattr(error, "errno", None)
    if number is None:
        return "no path can have such a name"
    if number in (errno.ELOOP, errno.EMLINK):
        return "it is a link, and links in a submission are not followed"
    known = {errno.ENOENT: "not found", errno.EACCES: "not readable (permission denied)"}
    return known.get(number, os.strerror(number).lower())
