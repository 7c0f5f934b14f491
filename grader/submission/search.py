"""Which file of a hand-in is the section's: the names in a folder or an archive, and the one choice among them."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from pathlib import Path, PurePosixPath

from grader.section import Section
from grader.submission.file_names import copy_number, numbers_in, section_in, without_copy_number
from grader.submission.files import read_regular
from grader.submission.formats import ARCHIVES, FORMATS, extension_of, format_of
from grader.submission.refusals import Contents, ExpectedFile, UnreadableError
from grader.submission.submission import looks_untouched, seems_to_define

DEPTH_LIMIT = 8  # folders within folders
COUNT_LIMIT = 10_000  # names that are looked at

_IGNORED = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini", "Icon\r", "timestamp.txt"})
_PACKAGE = Path(__file__).resolve().parents[1]
_PARTS = frozenset(path.name for path in _PACKAGE.iterdir() if path.is_dir())
_COMPARED = 8  # files that might be meant; more are not read just to tell them apart
_MENTIONED = 3  # the rank of a name that only mentions the section


@dataclass(frozen=True)
class Wish:
    """A section, the sections of its course, and whether it is the only requested section; without a section, any file.

    Files `without`, as paths in a folder or archive, do not count.
    """

    section: Section | None
    known: Sequence[Section]
    alone: bool = True
    without: Sequence[PurePosixPath] = ()

    @property
    def exercises(self) -> int:
        return len(self.section.functions) if self.section else 0

    def rank(self, name: str) -> int | None:
        """How well a file's name fits: 0 for the section's own, higher for a shorter one, None for a name of something else."""
        if self.section is None:
            return None
        names = (self.section.stem, self.section.id, self.section.name.lower())
        stem = without_copy_number(name).lower()
        if stem in names:
            return names.index(stem)
        return _MENTIONED if section_in(name, self.known) == self.section else None

    def is_named(self, name: str) -> bool:
        """Whether a file has the section's name or a shorter one."""
        rank = self.rank(name)
        return rank is not None and rank < _MENTIONED

    def excludes(self, name: str) -> bool:
        """Whether a file's name is that of another section."""
        if self.section is None:
            return False
        told, numbers = section_in(name, self.known), numbers_in(name)
        return told is not None or (bool(numbers) and self.section.number not in numbers)


@dataclass
class Files:
    """The files of a folder or an archive, and a function that reads one: its bytes, and the path that was opened."""

    place: Path
    packed: bool
    read: Callable[[PurePosixPath], tuple[bytes, Path]]
    contents: Contents = field(default_factory=Contents)

    def add(self, path: PurePosixPath) -> None:
        """Note a file, unless it is hidden or belongs to the grader."""
        if any(map(is_ignored, path.parts)) or _is_ours(path):
            return
        if extension_of(path.name) in FORMATS:
            self.contents.sources.append(path)
        elif extension_of(path.name) in ARCHIVES:
            self.contents.archives.append(path)
        else:
            self.contents.others.append(path)

    def without(self, paths: Sequence[PurePosixPath]) -> "Files":
        """The same without some files."""
        sources = [path for path in self.contents.sources if path not in paths]
        return replace(self, contents=replace(self.contents, sources=sources))


@dataclass(frozen=True)
class ChosenFile:
    """The chosen file, and the names of others in its folder that might have been meant.

    `nameless` if nothing but its being the only file, or the only one with exercises, speaks for it.
    """

    path: PurePosixPath
    others: tuple[str, ...] = ()
    nameless: bool = False


def choose_file(files: Files, wish: Wish, wanted: ExpectedFile) -> ChosenFile | None:
    """The section's file; None if there is none. Raises UnreadableError if the choice is not clear.

    The file has the section's name, or a shorter one, or else mentions the section. A deeper file is an older copy. Of files side
    by side, the best name counts, then the highest number that a system has added. Files that hold only stubs are left out
    where others remain. If no other section is requested, the only file of a hand-in counts, or the only one that seems to define
    an exercise of the section, unless it names another section.
    """
    files = files.without(wish.without)
    fitting, stubs = _fitting(files, wish)
    if not fitting:
        return _only(files, wish) if wish.alone else None
    if len(set(fitting)) < len(fitting):
        raise wanted.ambiguous(files.place, fitting, files.packed)
    if _top(fitting) is None:
        fitting = _written(fitting, files, wish)
    top = _top(fitting)
    if top is None:
        raise wanted.ambiguous(files.place, fitting, files.packed)
    first, *others = _by_name_and_number([path for path in fitting if path.parent == top], files, wish, wanted)
    return ChosenFile(first, tuple(path.name for path in [*others, *stubs]))


def _fitting(files: Files, wish: Wish) -> tuple[list[PurePosixPath], list[PurePosixPath]]:
    """The files with the section's name or a shorter one, else those that mention it; and stubs that do not count.

    Where those with the name are mere stubs, a copy that a person has made and filled in counts: "sectionN_name - Copy.py".
    """
    fitting = [path for path in files.contents.sources if wish.rank(path.name) is not None]
    named = [path for path in fitting if wish.is_named(path.name)]
    others = [path for path in fitting if path not in named]
    if not named or not others or wish.section is None or len(fitting) > _COMPARED or _filled(named, files, wish):
        return named or fitting, []
    filled = [path for path in _filled(others, files, wish) if defines(path, files, wish.section)]
    return (filled, named) if filled else (named, [])


def _only(files: Files, wish: Wish) -> ChosenFile | None:
    """The only file of a hand-in without a fitting name, or the only one that seems to define an exercise of the section."""
    sources = files.contents.sources
    found = sources
    if (len(sources) > 1 or files.contents.archives) and wish.section is not None:
        found = [path for path in sources[: _COMPARED + 1] if defines(path, files, wish.section)]
        found = _written(found, files, wish) if len(found) > 1 else found
    if len(found) != 1 or len(sources) > _COMPARED or wish.excludes(found[0].name):
        return None
    return ChosenFile(found[0], tuple(path.name for path in sources if path != found[0]), nameless=True)


def defines(path: PurePosixPath, files: Files, section: Section) -> bool:
    """Whether a file seems to define an exercise of the section."""
    try:
        return seems_to_define(files.read(path)[0], section.functions)
    except UnreadableError:  # what cannot be read may hold anything
        return True


def _by_name_and_number(
    found: Sequence[PurePosixPath], files: Files, wish: Wish, wanted: ExpectedFile
) -> list[PurePosixPath]:
    """Files side by side: those with the highest number of each name, the best name first; then older ones."""
    latest: list[PurePosixPath] = []
    older: list[PurePosixPath] = []
    for _, same in groupby(
        sorted(found, key=lambda path: wish.rank(path.name) or 0), lambda path: wish.rank(path.name)
    ):
        copies = list(same)
        highest = max(copy_number(path.name) for path in copies)
        last = [path for path in copies if copy_number(path.name) == highest]
        if len(last) > 1 and not latest:
            last = _written(last, files, wish)
            if len(last) > 1:
                raise wanted.ambiguous(files.place, last, files.packed)
        latest += last
        older += [path for path in copies if copy_number(path.name) != highest]
    return latest + older


def _top(found: Sequence[PurePosixPath]) -> PurePosixPath | None:
    """The folder that holds all of them, in itself or below; None if there is no such folder among theirs."""
    top = min((path.parent for path in found), key=lambda parent: len(parent.parts))
    return top if all(top in path.parents for path in found) else None


def _written(found: Sequence[PurePosixPath], files: Files, wish: Wish) -> list[PurePosixPath]:
    """The files that seem to hold more than stubs; the first file if all are stubs."""
    if not wish.exercises or len(found) > _COMPARED:
        return list(found)
    return _filled(found, files, wish) or list(found[:1])


def _filled(found: Sequence[PurePosixPath], files: Files, wish: Wish) -> list[PurePosixPath]:
    """The files that seem to hold more than stubs."""
    filled = []
    for path in found:
        try:
            stub = looks_untouched(files.read(path)[0], wish.exercises)
        except UnreadableError:  # what cannot be read may hold anything
            stub = False
        if not stub:
            filled.append(path)
    return filled


def files_in_folder(folder: Path, wish: Wish, wanted: ExpectedFile) -> Files:
    """The files of a folder; those below it only if none at its top has the section's name. Links are not followed."""
    files = Files(folder, False, lambda path: read_regular(folder / path, format_of(path.name).limit, wanted))
    for level in _levels(folder, files.contents, wanted):
        for path, is_folder in level:
            expected = not path.parent.parts and wish.rank(path.name) == 0 and extension_of(path.name) in FORMATS
            if not is_folder or expected:  # a folder of the file's name is refused when it is read
                files.add(path)
        if any(not path.parent.parts and wish.is_named(path.name) for path in files.contents.sources):
            break
    return files


def files_among(folder: Path, entries: Mapping[str, str], wanted: ExpectedFile) -> Files:
    """The files in a folder that a system has renamed: its `entries`, by the names that the student gave."""

    def read(path: PurePosixPath) -> tuple[bytes, Path]:
        return read_regular(folder / entries[path.name], format_of(path.name).limit, wanted)

    return Files(folder, False, read, Contents(sources=[*map(PurePosixPath, entries)]))


def _levels(folder: Path, contents: Contents, wanted: ExpectedFile) -> Iterator[list[tuple[PurePosixPath, bool]]]:
    """The entries of a folder, then those of the folders in it, and so on, each with whether it is a folder."""
    level, seen = [PurePosixPath()], 0
    for _ in range(DEPTH_LIMIT + 1):
        entries: list[tuple[PurePosixPath, bool]] = []
        for place in level:
            try:
                with os.scandir(folder / place) as found:
                    entries += sorted((place / one.name, one.is_dir(follow_symlinks=False)) for one in found)
            except (OSError, ValueError) as error:
                if not place.parts:
                    raise wanted.not_opened(folder, error) from None
                contents.closed.append(place)
            if seen + len(entries) > COUNT_LIMIT:
                raise wanted.too_many(folder, COUNT_LIMIT)
        yield entries
        seen += len(entries)
        level = [path for path, is_folder in entries if is_folder and not is_ignored(path.name)]


def is_ignored(name: str) -> bool:
    """Whether a file or folder is hidden, or one that a program made for itself."""
    return name.startswith(".") or name in _IGNORED


def is_special(mode: int) -> bool:
    """Whether a Unix mode, if it tells a kind at all, is that of a link, a device, a pipe or a socket."""
    return stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)


def _is_ours(path: PurePosixPath) -> bool:
    """Whether a file belongs to this package, in a copy of the whole course."""
    return any(one == _PACKAGE.name and other in _PARTS for one, other in pairwise(path.parts[:-1]))
