"""Turn a path into submissions. Every command, the watch, a class and the autograder read hand-ins here, by the same rules.

A submission is untrusted: links are never followed, only regular files are opened, and sizes are capped.
"""

import os
import stat
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from grader.course import Course
from grader.section import Section
from grader.submission.file_names import section_in
from grader.submission.files import read_regular
from grader.submission.formats import ARCHIVES, FORMATS, extension_of
from grader.submission.refusals import (
    SOME_FILE,
    ExpectedFile,
    Refusal,
    UnreadableError,
    nothing_there,
    own_file_missing,
    section_not_told,
)
from grader.submission.search import ChosenFile, Wish, choose_file, files_in_folder
from grader.submission.submission import Submission
from grader.toolkit.text import one_line

Definitions = Callable[[Submission], Collection[str]]  # the functions and classes that a submission defines
_NAME_SHOWN = 100  # characters


@dataclass(frozen=True)
class Located:
    """The submissions that were read, each with its section, and why the others were not."""

    submissions: list[tuple[Section, Submission]] = field(default_factory=list)
    refusals: list[tuple[Section, Refusal]] = field(default_factory=list)

    def unreadable(self, known: Sequence[Section]) -> list[tuple[Section, Refusal]]:
        """The sections with an unreadable hand-in that a person should check, and the reason.

        Among several sections, one without a file of its own is missing if another one was read.
        """
        alone = len(self.submissions) + len(self.refusals) == 1 or not self.submissions
        return [
            (section, refusal)
            for section, refusal in self.refusals
            if refusal.problem != "missing" or (alone and not is_missing(refusal, known))
        ]

    def expect_all(self) -> list[tuple[Section, Submission]]:
        """The submissions. Raises UnreadableError if a requested section could not be read."""
        for _, refusal in self.refusals:
            raise UnreadableError(refusal)
        return self.submissions


def is_missing(refusal: Refusal, known: Sequence[Section]) -> bool:
    """Whether nothing was handed in for a section, not even a PDF or a file with another name that may be meant for it."""
    held = refusal.held
    strange = any(section_in(one.name, known) is None for one in held.sources)
    return refusal.problem == "missing" and not (strange or held.archives or (held.others and not held.sources))


def locate(course: Course, path: Path, sections: Sequence[Section]) -> Located:
    """Read the files of these sections in a file, a folder or an archive. If it is a single section, the only file counts."""
    return read_sections(path, sections, course.sections, alone=len(sections) == 1)


def read_sections(
    path: Path,
    sections: Sequence[Section],
    known: Sequence[Section],
    alone: bool,
    named: bool = True,
    without: Sequence[PurePosixPath] = (),
) -> Located:
    """Read the files of some sections in any hand-in, as `read_section` does."""
    found = Located()
    for section in sections:
        try:
            file = read_section(path, section, known, alone, named, without)
            found.submissions.append((section, file))
        except UnreadableError as error:
            found.refusals.append((section, error.refusal))
    return found


def read_whole(path: Path, known: Sequence[Section], defined: Definitions, named: bool = True) -> Located:
    """Read the files of all sections in a file, a folder or an archive.

    The name of the only file tells its section, else the program that made the file, else its definitions.

    Raises:
        UnreadableError: nothing can be read there, or the section of a file cannot be told.
    """
    if _is_single(path):
        told = section_in(path.name, known)
        if told is not None:
            return Located([(told, read_section(path, told, known, named=named))])
    else:
        found = read_sections(path, known, known, alone=False, named=named)
        broken = [(section, refusal) for section, refusal in found.refusals if refusal.problem != "missing"]
        if found.submissions or broken:
            return Located(found.submissions, broken)
    try:
        file = _read(path, Wish(None, known), SOME_FILE, named)
    except UnreadableError as error:
        if error.refusal.problem == "missing":
            raise nothing_there(path, known[0]) from None
        raise
    return Located([(section_of(file, known, defined), file)])


def section_of(file: Submission, known: Sequence[Section], defined: Definitions) -> Section:
    """The section that a notebook was made for, else the section with the most exercises defined in the file."""
    for section in known:
        if section.stem == file.made_for:
            return section
    names = defined(file)
    counts = {section: len(set(names) & set(section.functions)) for section in known}
    best = [section for section, count in counts.items() if count == max(counts.values()) > 0]
    if len(best) == 1:
        return best[0]
    raise section_not_told(file.path, best or known, several=bool(best))


def read_section(
    path: Path,
    section: Section,
    known: Sequence[Section] = (),
    alone: bool = True,
    named: bool = True,
    without: Sequence[PurePosixPath] = (),
) -> Submission:
    """Read a section's file: `path` is the file itself, or a folder or zip archive that holds it, or a file in an archive.

    In the folder where students edit, only the Python file with the section's name counts, even if a notebook lies beside it.
    Only a path that a person has `named` may be a link to a folder: in a submission, a link might lead to the solutions.
    `known` are all sections of the course; `alone` if no other section is requested. Files `without`, as paths in a folder or
    archive, do not count.

    Raises:
        UnreadableError: it is missing, or cannot be read.
    """
    own = path == section.exercise.parent
    place = section.exercise if own and section.exercise.is_file() else path
    try:
        read = _read(
            place, Wish(section, known or [section], alone and not own, without), ExpectedFile.of(section), named
        )
        return replace(read, instead_of=section.exercise.name) if own and place == path else read
    except UnreadableError as error:
        if own and error.refusal.problem == "missing":
            raise own_file_missing(section) from None
        raise


def _read(path: Path, wish: Wish, wanted: ExpectedFile, named: bool) -> Submission:
    if (packed := in_archive(path)) is not None:
        return _read_packed(*packed, wanted)
    try:
        kind = os.stat(path).st_mode if named and path.is_dir() else os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        raise wanted.not_there(path, error) from None
    if stat.S_ISDIR(kind):
        return _read_folder(path, wish, wanted)
    if extension_of(path.name) == ".zip":
        return _read_archive(path, wish, wanted)
    if extension_of(path.name) not in FORMATS:
        raise wanted.other_archive(path) if extension_of(path.name) in ARCHIVES else wanted.of_another_kind(path)
    limit = FORMATS[extension_of(path.name)].limit
    return _submission(path.name, path, str(path), read_regular(path, limit, wanted), wanted)


def _read_folder(path: Path, wish: Wish, wanted: ExpectedFile) -> Submission:
    files = files_in_folder(path, wish, wanted)
    choice = choose_file(files, wish, wanted)
    if choice is not None:
        place = path / choice.path
        return _submission(place.name, place, str(place), files.read(choice.path), wanted, choice)
    archives = files.contents.archives
    if len(archives) == 1 and extension_of(archives[0].name) == ".zip":
        return _read_archive(path / archives[0], wish, wanted)
    raise wanted.missing(path, files.contents, packed=False)


def _read_archive(path: Path, wish: Wish, wanted: ExpectedFile) -> Submission:
    from grader.submission.zip_archive import files_in_archive  # here, since most submissions do not need it

    with files_in_archive(path, wanted) as files:
        choice = choose_file(files, wish, wanted)
        read = files.read(choice.path) if choice is not None else None
    if choice is None or read is None:
        raise wanted.missing(path, files.contents, packed=True)
    return _submission(choice.path.name, path, f"{path}: {choice.path}", read, wanted, choice)


def in_archive(path: Path) -> tuple[Path, PurePosixPath] | None:
    """The archive that a path leads into, and the path in it: of hand-in.zip/deep/file.py, these two parts."""
    archive = next((one for one in path.parents if extension_of(one.name) == ".zip" and one.is_file()), None)
    return (archive, PurePosixPath(*path.relative_to(archive).parts)) if archive is not None else None


def _read_packed(archive: Path, inside: PurePosixPath, wanted: ExpectedFile) -> Submission:
    """A file in an archive, by its path."""
    from grader.submission.zip_archive import files_in_archive  # here, since most submissions do not need it

    with files_in_archive(archive, wanted) as files:
        if inside not in files.contents.sources:
            raise wanted.missing(archive, files.contents, packed=True)
        return _submission(inside.name, archive, f"{archive}: {inside}", files.read(inside), wanted)


def sources_in(path: Path, known: Sequence[Section]) -> list[Path]:
    """The Python files and notebooks of a hand-in: a file, a folder or an archive; of a folder without any, its archives."""
    from grader.submission.zip_archive import files_in_archive  # here, since most submissions do not need it

    if path.is_symlink() or (not path.is_dir() and extension_of(path.name) != ".zip"):
        return [path] if extension_of(path.name) in FORMATS else []
    try:
        if path.is_dir():
            found = files_in_folder(path, Wish(None, known), SOME_FILE).contents
            packed = [path / one for one in found.archives if extension_of(one.name) == ".zip"]
            if found.sources or len(packed) != 1:
                return [path / one for one in sorted(found.sources)] or packed
            path = packed[0]
        with files_in_archive(path, SOME_FILE) as files:
            return [path / one for one in sorted(files.contents.sources)]
    except UnreadableError:
        return []


def _submission(
    name: str, path: Path, place: str, read: tuple[bytes, Path], wanted: ExpectedFile, choice: ChosenFile | None = None
) -> Submission:
    data, real = read
    kind = extension_of(name)
    text = FORMATS[kind].read(data, place, wanted)
    filename = one_line(name[: -len(kind)], _NAME_SHOWN) + kind
    others, nameless = (choice.others, choice.nameless) if choice else ((), False)
    return Submission(filename, path, text.source, text.made_for, real, others, nameless)


def _is_single(path: Path) -> bool:
    return not path.is_dir() and extension_of(path.name) != ".zip"
