"""The file that a section expects, and an error for each hand-in without it: the place, the reason, the fix.

Every sentence about a hand-in that cannot be read stands here.
"""

import errno
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from typing import Literal

from grader.course import UsageError
from grader.section import Section
from grader.submission.formats import FORMATS, MIB, names_for
from grader.toolkit.text import one_line, shell_word

_LINK = "it is a link, and links in a submission are not followed"
_PLACE_SHOWN = 200  # characters
_NAME_SHOWN = 60  # characters
_LISTED = 5


@dataclass
class Contents:
    """The relevant files in a folder or an archive, as paths inside it."""

    sources: list[PurePosixPath] = field(default_factory=list)  # files of a format that can be graded
    archives: list[PurePosixPath] = field(default_factory=list)
    closed: list[PurePosixPath] = field(default_factory=list)  # folders that could not be read
    others: list[PurePosixPath] = field(default_factory=list)  # files of any other kind


@dataclass(frozen=True)
class Refusal:
    """Why no file of a section was read. If it is missing, `held` is what the hand-in holds instead."""

    place: str
    reason: str
    fix: str
    problem: Literal["unreadable", "unclear", "missing"] = "unreadable"
    held: Contents = field(default_factory=Contents)

    def __str__(self) -> str:
        return f"{self.cause}.{' ' if self.problem == 'unreadable' else chr(10)}{self.fix}"

    @property
    def cause(self) -> str:
        """Without the fix."""
        return f"{self.place}: {self.reason}"

    def cause_in(self, path: PurePath) -> str:
        """The reason, with the place only if it lies deeper than `path`: for a reader who has no such folder."""
        inside = self.place.removeprefix(_shown(path))
        if inside == self.place or not inside.strip("/: "):
            return self.reason
        return f"{inside.strip('/: ')}: {self.reason}"


class UnreadableError(UsageError):
    """A hand-in has no file of a section that can be read."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True)
class ExpectedFile:
    """The file of a section: its stem, the command that grades it, and its number of exercises, 0 if unknown."""

    stem: str
    command: str
    exercises: int = 0

    @classmethod
    def of(cls, section: Section) -> "ExpectedFile":
        return cls(section.stem, f"grade {section.id}", len(section.functions))

    @property
    def file(self) -> str:
        return f"{self.stem}.py"

    @property
    def notebook(self) -> str:
        return f"{self.stem}.ipynb"

    def grade(self, path: str | PurePath) -> str:
        """The command that grades a file or folder."""
        return f"{self.command} --submission {shell_word(_shown(path))}"

    # -- a path

    def not_opened(self, path: PurePath, error: OSError | ValueError) -> UnreadableError:
        """For a path that the operating system does not open."""
        return self._refusal(path, _reason_of(error))

    def not_there(self, path: PurePath, error: OSError | ValueError) -> UnreadableError:
        """For a typed path that the operating system does not find."""
        return self._refusal(path, _reason_of(error), "Expected a file or a folder; see: grade --help")

    def a_link(self, path: PurePath) -> UnreadableError:
        return self._refusal(path, _LINK)

    def not_regular(self, place: str | PurePath) -> UnreadableError:
        return self._refusal(place, "not a regular file")

    def too_large(self, place: str | PurePath, limit: int) -> UnreadableError:
        return self._refusal(place, f"larger than {limit // MIB} MiB")

    def of_another_kind(self, path: PurePath) -> UnreadableError:
        fix = f"Expected {names_for(self.stem)}, or a folder or a .zip that holds it. Try: {self.grade(self.file)}"
        return self._refusal(path, "this kind of file cannot be graded", fix)

    def other_archive(self, path: PurePath) -> UnreadableError:
        fix = f"Unpack it and grade the folder: {self.command} --submission FOLDER"
        return self._refusal(path, "of archives, only .zip files are read", fix)

    # -- a choice

    def too_many(self, folder: PurePath, limit: int) -> UnreadableError:
        reason = f"it holds more than {limit} files, and no {self.file} at its top"
        return self._refusal(folder, reason, f"Grade the file itself: {self.command} --submission FILE")

    def ambiguous(self, place: PurePath, found: Sequence[PurePosixPath], packed: bool) -> UnreadableError:
        """For several files of the same rank."""
        twice = [path for path, count in Counter(found).items() if count > 1]
        reason = f"any of these could be meant: {listing(found)}"
        if twice:
            reason = f"it holds {listing(twice[:1])} more than once"
        fix = f"Name the right one: {self.grade(place / found[0])}"
        if packed:
            fix = f"Zip the right one only, or unpack it and name the file: {self.grade(found[0])}"
        return UnreadableError(Refusal(_shown(place), reason, fix, "unclear"))

    def missing(self, place: PurePath, held: Contents, packed: bool) -> UnreadableError:
        """For a hand-in without a file of the section; names its other files."""
        others = held.sources or held.archives
        reason = f"no file named {self.stem}{' or '.join(FORMATS)} inside. "
        reason += f"It holds: {listing(others)}" if others else "It holds no Python file and no notebook"
        reason += f", but {listing(held.others)}" if held.others and not others else ""
        if held.closed:
            reason += f". These folders could not be read: {listing(held.closed)}"
        fix = self._packed_fix(held) if packed else self._folder_fix(place, held)
        return UnreadableError(Refusal(_shown(place), reason, fix, "missing", held))

    def _folder_fix(self, folder: PurePath, held: Contents) -> str:
        if held.sources:
            return (
                f"Rename the right one to {self.file}, or grade the file itself: {self.grade(folder / held.sources[0])}"
            )
        if held.archives:
            return f"Grade the archive itself, or unpack it: {self.grade(folder / held.archives[0])}"
        return f"Name the folder with yours: {self.command} --submission FOLDER"

    def _packed_fix(self, held: Contents) -> str:
        if held.sources:
            command = self.grade(held.sources[0])
            return f"Rename the right one to {self.file}, or unpack it and grade the file itself: {command}"
        if held.archives:
            inner = listing(held.archives[:1])
            return f"An archive in an archive is not opened: unpack {inner} first, then: {self.grade(self.file)}"
        return self._zip_again

    # -- a notebook

    def renamed_notebook(self, place: str) -> UnreadableError:
        fix = f"Rename it to {self.notebook}: {self.grade(self.notebook)}"
        return self._refusal(place, "a notebook, not a Python file", fix)

    def no_notebook(self, place: str, error: Exception) -> UnreadableError:
        return self._refusal(place, f"not a notebook that can be read ({one_line(str(error), 100)})", self._clear)

    def without_cells(self, place: str) -> UnreadableError:
        return self._refusal(place, "not a notebook: it has no cells", self._clear)

    def other_language(self, place: str, language: str) -> UnreadableError:
        fix = f"Choose a Python kernel and save it: {self.grade(self.notebook)}"
        return self._refusal(place, f"a notebook for {one_line(language, 40)}", fix)

    def too_much_code(self, place: str, limit: int) -> UnreadableError:
        return self._refusal(place, f"more than {limit // MIB} MiB of code in its cells")

    # -- an archive

    def archive_too_large(self, path: PurePath, limit: int) -> UnreadableError:
        return self._refusal(path, f"larger than {limit // MIB} MiB", self._zip_again)

    def archive_too_full(self, path: PurePath, limit: int) -> UnreadableError:
        fix = f"Zip your own files only, or hand in the file itself: {self.grade(self.file)}"
        return self._refusal(path, f"it holds more than {limit} files", fix)

    def damaged(self, path: PurePath) -> UnreadableError:
        return self._refusal(path, "not a zip archive, or a damaged one", self._zip_again)

    def outside(self, path: PurePath, name: str) -> UnreadableError:
        reason = f"it holds {one_line(name, 100)}, which would lie outside the folder where it is unpacked"
        fix = f"Zip the folder with your files itself, or hand in the file: {self.grade(self.file)}"
        return self._refusal(path, reason, fix)

    def special_entry(self, place: str) -> UnreadableError:
        return self._refusal(place, "not a regular file but a link or a device")

    def locked(self, place: str) -> UnreadableError:
        fix = f"Zip it again without one, or hand in the file itself: {self.grade(self.file)}"
        return self._refusal(place, "it is locked with a password", fix)

    def other_method(self, place: str, method: int) -> UnreadableError:
        fix = f"Zip it again with the ordinary method, deflate, or hand in the file itself: {self.grade(self.file)}"
        return self._refusal(place, f"compressed by method {method}, which is not read here", fix)

    def too_deep(self, place: str, limit: int) -> UnreadableError:
        return self._refusal(place, f"it lies more than {limit} folders deep")

    def too_dense(self, place: str, ratio: int) -> UnreadableError:
        return self._refusal(place, f"unpacked it is more than {ratio} times as large as packed")

    @property
    def _zip_again(self) -> str:
        return f"Zip your files again, or hand in the file itself: {self.grade(self.file)}"

    @property
    def _clear(self) -> str:
        return f"Clear all outputs and save it, or hand in a Python file: {self.grade(self.file)}"

    def _refusal(self, place: str | PurePath, reason: str, fix: str = "") -> UnreadableError:
        fix = fix or f"Hand in your {self.file} itself: {self.grade(self.file)}"
        return UnreadableError(Refusal(_shown(place), reason, fix))


SOME_FILE = ExpectedFile("sectionN_name", "grade SECTION")  # of a section that is not known yet


# -- of which section


def section_not_told(place: str | PurePath, candidates: Sequence[Section], several: bool) -> UnreadableError:
    """For a file whose name does not tell its section, and whose definitions do not tell it either."""
    shown = _shown(place)
    words = "It defines exercises of several sections" if several else "It defines no exercise of this course"
    fix = f"Name one: grade {candidates[0].id} --submission {shell_word(shown)}"
    return UnreadableError(Refusal(shown, f"which section is it of? {words}", fix))


def nothing_there(place: PurePath, some: Section) -> UnreadableError:
    """For a folder or archive without a file of any section."""
    reason = f"no section's file is inside, such as {names_for(some.stem)}"
    fix = f"Name the section of a file: grade {some.id} --submission FILE"
    return UnreadableError(Refusal(_shown(place), reason, fix))


def own_file_missing(section: Section) -> UnreadableError:
    """For a student's own file in exercises/."""
    name = section.exercise.name
    others = sorted(one for one in section.exercise.parent.glob(f"{section.stem}*") if one.suffix != ".ipynb")
    fix = f"To get the original: grade reset {section.id}"
    if others:
        fix = f"Is it {_shown(others[0].name)}? Then rename that to {name}. {fix}"
    return UnreadableError(Refusal(_shown(section.exercise), "not there", fix, "missing"))


def ways_back(section: Section) -> str:
    """How a student gets a lost text back. The last reset, if there was one, has kept a file."""
    return (
        "To get your text back, undo the change in your editor, and save. For the file of the course, type: "
        f"grade reset {section.id}. For the file that your last reset kept: grade reset {section.id} --undo"
    )


def listing(paths: Iterable[PurePath]) -> str:
    """The first few of some paths, safe to show."""
    shown = [one_line(str(path), _NAME_SHOWN) for path in paths]
    return ", ".join(shown[:_LISTED]) + (", …" if len(shown) > _LISTED else "")


def _shown(place: str | PurePath) -> str:
    return one_line(str(place), _PLACE_SHOWN)


def _reason_of(error: OSError | ValueError) -> str:
    """Why the operating system will not open a path."""
    number = getattr(error, "errno", None)
    if number is None:
        return "no path can have such a name"
    if number in (errno.ELOOP, errno.EMLINK):
        return _LINK
    known = {errno.ENOENT: "not found", errno.EACCES: "not readable (permission denied)"}
    return known.get(number, os.strerror(number).lower())
