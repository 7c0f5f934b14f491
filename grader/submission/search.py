"""Find a section's file among the names that a folder or an archive holds."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath

from grader.course import UsageError
from grader.submission.expected_file import KINDS, ExpectedFile, kind_of, reason_of, size_limit
from grader.submission.files import read_regular
from grader.toolkit.text import one_line

DEPTH_LIMIT = 8  # folders within folders
COUNT_LIMIT = 10_000  # names that are looked at

ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"})
_IGNORED = frozenset({"__MACOSX", "__pycache__"})
_PACKAGE = Path(__file__).resolve().parents[1]
_PARTS = frozenset(path.name for path in _PACKAGE.iterdir() if path.is_dir())
_COMPARED = 8  # files of the same name; more are not read just to tell them apart
_LISTED = 5
_NAME_SHOWN = 60  # characters


class FileMissingError(UsageError):
    """A folder or an archive does not hold the section's file; `sources` and `archives` are what it holds instead."""

    def __init__(self, message: str, contents: "Contents") -> None:
        super().__init__(message)
        self.sources = contents.sources
        self.archives = contents.archives
        self.others = contents.others


@dataclass
class Contents:
    """The relevant files in a folder or an archive, as paths inside it."""

    wanted: list[PurePosixPath] = field(default_factory=list)
    sources: list[PurePosixPath] = field(default_factory=list)  # Python files and notebooks of other names
    archives: list[PurePosixPath] = field(default_factory=list)
    closed: list[PurePosixPath] = field(default_factory=list)  # folders that could not be read
    others: int = 0  # files of any other kind

    def add(self, path: PurePosixPath, wanted: ExpectedFile) -> None:
        """Note a file, unless it is hidden."""
        if any(map(is_ignored, path.parts)) or _is_ours(path):
            return
        if path.name in wanted.names:
            self.wanted.append(path)
        elif kind_of(path.name) in KINDS:
            self.sources.append(path)
        elif kind_of(path.name) in ARCHIVES:
            self.archives.append(path)
        else:
            self.others += 1


def is_ignored(name: str) -> bool:
    """Whether a file or folder is hidden, or one that a program made for itself."""
    return name.startswith(".") or name in _IGNORED


def _is_ours(path: PurePosixPath) -> bool:
    """Whether a file belongs to this package, in a copy of the whole course."""
    return any(one == _PACKAGE.name and other in _PARTS for one, other in pairwise(path.parts[:-1]))


def find_in_folder(folder: Path, wanted: ExpectedFile) -> Path:
    """Return the path of the section's file: in the folder, else below it. Raise UsageError if there is not exactly one."""
    here = [PurePosixPath(name) for name in wanted.names if os.path.lexists(folder / name)]
    contents = Contents(here) if here else _walk(folder, wanted)
    path = topmost(contents.wanted) or topmost(without_stubs_in(folder, contents.wanted, wanted))
    if path is not None:
        return folder / path
    if contents.wanted:
        raise ambiguous(folder, contents.wanted, f"Name the right one: {wanted.grade(folder / contents.wanted[0])}")
    fix = f"Name the folder with yours: {wanted.command} --submission FOLDER"
    if contents.sources:
        command = wanted.grade(folder / contents.sources[0])
        fix = f"Rename the right one to {wanted.names[0]}, or grade the file itself: {command}"
    elif contents.archives:
        fix = f"Grade the archive itself, or unpack it: {wanted.grade(folder / contents.archives[0])}"
    raise missing(folder, contents, wanted, fix)


def without_stubs_in(folder: Path, found: Sequence[PurePosixPath], wanted: ExpectedFile) -> list[PurePosixPath]:
    """As `without_stubs`, for files in a folder."""
    return without_stubs(found, wanted, lambda path: read_regular(folder / path, size_limit(path.name), wanted)[0])


def without_stubs(
    found: Sequence[PurePosixPath], wanted: ExpectedFile, read: Callable[[PurePosixPath], bytes]
) -> list[PurePosixPath]:
    """The files that seem to hold more than stubs; the first file if all are stubs."""
    if not wanted.exercises or len(found) > _COMPARED or len(set(found)) < len(found):
        return list(found)
    written = []
    for path in found:
        try:
            stub = not wanted.is_started(read(path))
        except UsageError:  # what cannot be read may hold anything
            stub = False
        if not stub:
            written.append(path)
    return written or list(found[:1])


def sources_in(folder: Path) -> list[PurePosixPath]:
    """All Python files and notebooks in a folder and below, from the top downwards; none if it cannot be looked through."""
    try:
        return _walk(folder, ExpectedFile("", "")).sources
    except UsageError:  # reading the folder reports the error
        return []


def _walk(folder: Path, wanted: ExpectedFile) -> Contents:
    """Look through a folder and those below it, from the top downwards; links are not followed."""
    contents, seen = Contents(), 0
    waiting = [PurePosixPath()]
    for place in waiting:
        try:
            with os.scandir(folder / place) as entries:
                names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except (OSError, ValueError) as error:
            if not place.parts:
                raise wanted.refusal(folder, reason_of(error)) from None
            contents.closed.append(place)
            continue
        seen += len(names)
        if seen > COUNT_LIMIT:
            reason = f"it holds more than {COUNT_LIMIT} files, and no {wanted.names[0]} at its top"
            raise wanted.refusal(folder, reason, f"Grade the file itself: {wanted.command} --submission FILE")
        for name, is_folder in names:
            if not is_folder:
                contents.add(place / name, wanted)
            elif len(place.parts) < DEPTH_LIMIT and not is_ignored(name):
                waiting.append(place / name)
    return contents


def topmost(found: Sequence[PurePosixPath]) -> PurePosixPath | None:
    """The file whose folder holds all the others, which count as older copies. None if there is no such file."""
    least = min((len(path.parts) for path in found), default=0)
    highest = [path for path in found if len(path.parts) == least]
    if len(highest) != 1:
        return None
    folder = highest[0].parent.parts
    return highest[0] if all(path.parts[: len(folder)] == folder for path in found) else None


def ambiguous(place: str | Path, found: Sequence[PurePosixPath], fix: str) -> UsageError:
    """The error for several files of the wanted name, none of which is above the others."""
    twice = [path for path, count in Counter(found).items() if count > 1]
    reason = (
        f"it holds {listing(twice[:1])} more than once" if twice else f"any of these could be meant: {listing(found)}"
    )
    return UsageError(f"{one_line(str(place))}: {reason}.\n{fix}")


def missing(place: str | Path, contents: Contents, wanted: ExpectedFile, fix: str) -> FileMissingError:
    """The error for no file of the wanted name, with what is there instead."""
    others = contents.sources or contents.archives
    message = f"{one_line(str(place))}: no file named {wanted.names[0]} or .ipynb inside. "
    message += f"It holds: {listing(others)}." if others else "It holds no Python file and no notebook."
    if contents.closed:
        message += f" These folders could not be read: {listing(contents.closed)}."
    return FileMissingError(f"{message}\n{fix}", contents)


def listing(paths: Iterable[PurePosixPath]) -> str:
    """The first few of some paths, safe to show."""
    shown = [one_line(str(path), _NAME_SHOWN) for path in paths]
    return ", ".join(shown[:_LISTED]) + (", …" if len(shown) > _LISTED else "")


def is_special(mode: int) -> bool:
    """Whether a Unix mode, if it tells a kind at all, is that of a link, a device, a pipe or a socket."""
    return stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
