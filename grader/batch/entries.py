"""Read an entry of a folder of hand-ins: the files of the sections in it, and remarks for the instructor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Literal

from grader.batch.roster import Assigned
from grader.section import Section
from grader.submission.file_names import Label, section_in
from grader.submission.files import read_regular
from grader.submission.formats import ARCHIVES, FORMATS, extension_of
from grader.submission.locate import Definitions, Located, is_missing, read_section, read_sections, read_whole
from grader.submission.refusals import ExpectedFile, Refusal, UnreadableError, listing
from grader.submission.submission import Submission
from grader.toolkit.text import one_line
from grader.toolkit.verdicts import GraderFaultError

Kind = Literal["unreadable", "empty", "unknown", "doubtful", "nameless", "duplicate", "missing", "table"]
_TAG = re.compile(rb"<[^<>]*>|&nbsp;")  # no "<" inside: hostile pages have a million
_PAGE_LIMIT = 1 << 20  # bytes of a page that are looked at
_SHOWN = 300  # characters of a reason


@dataclass(frozen=True)
class Remark:
    """A thing to check in an entry; `section` is "" if it concerns all of it."""

    kind: Kind
    reason: str
    section: str = ""


@dataclass
class EntryContents:
    """The contents of one entry."""

    submissions: list[tuple[Section, Submission]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class EntryReader:
    """Reads entries. With `named`, each should have a file for each of the `sections`. `known` are all sections of the course.

    `defined` tells the section of a file from its definitions, where the name does not tell it. Files `without` are not read.
    """

    sections: Sequence[Section]
    known: Sequence[Section]
    named: bool
    defined: Definitions | None
    without: Sequence[PurePosixPath] = ()

    def read(self, path: Path, label: Label, only: bool = True) -> EntryContents:
        """The files in the entry at `path`, and remarks; `only` if its student has handed in no file of another name."""
        if path.is_symlink():
            return EntryContents(remarks=[Remark("unreadable", "it is a link, and links are not followed")])
        if label.typed:
            return self._typed(path)
        try:
            located = self._locate(path, label, only)
        except UnreadableError as error:
            return EntryContents(remarks=[Remark("unreadable", one_line(error.refusal.cause_in(path), _SHOWN))])
        if located is None:
            reason = "its name does not name a section"
            reason += (
                ", and other files lie beside it"
                if self.named
                else ". If all files are of one, name it: --section SECTION"
            )
            return EntryContents(remarks=[Remark("unreadable", reason)])
        entry = EntryContents(located.submissions)
        for section, file in located.submissions:
            if file.remark:
                entry.remarks.append(Remark("nameless" if file.nameless else "duplicate", file.remark, section.id))
        entry.remarks += self._refused(path, located)
        entry.remarks += _beside(path, located) if path.is_dir() else []
        return entry

    def read_assigned(self, path: Path, section: Section) -> EntryContents:
        """A file that the instructor has named."""
        located = _of(path, section, self.known)
        return EntryContents(located.submissions, self._refused(path, located))

    def section_of(self, own: Assigned) -> Section | None:
        """The section of an assigned file: as the instructor says, else by its name, else the only requested section."""
        if own.section:
            return next((one for one in self.sections if one.id == own.section), None)
        only = self.sections[0] if self.alone else None
        return section_in(own.path.name, self.sections) or (None if own.path.is_dir() else only)

    def _typed(self, path: Path) -> EntryContents:
        """A page of a learning platform with a text that the student typed there. Moodle writes one for each student, often an
        empty one."""
        if not _has_text(path):
            return EntryContents(
                remarks=[Remark("empty", "an empty page of the learning platform", one) for one in self.asked]
            )
        reason = "a text or an address that was typed into the learning platform, and no file"
        return EntryContents(remarks=[Remark("unreadable", reason, section) for section in self.asked])

    @property
    def alone(self) -> bool:
        """Whether a single section is asked for by name."""
        return self.named and len(self.sections) == 1

    @property
    def asked(self) -> list[str]:
        """The sections that a remark about a whole entry is about: "" if none is named."""
        return [section.id for section in self.sections] if self.named else [""]

    def _locate(self, path: Path, label: Label, only: bool) -> Located | None:
        """The files; None if the section of a single file cannot be told."""
        told = section_in(path.name, self.sections) or section_in(label.original, self.sections)
        single = not path.is_dir() and extension_of(path.name) in FORMATS
        if told is not None:
            return _of(path, told, self.known, without=self.without)
        if single and self.alone:
            return _of(path, self.sections[0], self.known, nameless=bool(label.system)) if only else None
        found = (
            Located()
            if single
            else read_sections(path, self.sections, self.known, self.alone, named=False, without=self.without)
        )
        if self.named or found.submissions or any(one.problem != "missing" for _, one in found.refusals):
            return found
        if self.defined is None:
            return None if single else found
        try:
            whole = read_whole(path, self.known, self.defined, named=False)
        except GraderFaultError:  # a worker could not look into it
            return None if single else found
        except UnreadableError:
            if single:
                raise
            return found
        return Located([(section, file) for section, file in whole.submissions if section in self.sections])

    def _kind(self, refusal: Refusal) -> Kind:
        return "empty" if is_missing(refusal, self.known) else "unreadable"

    def _refused(self, path: Path, located: Located) -> list[Remark]:
        """Files that cannot be read, and missing files."""
        broken = {one.id: refusal for one, refusal in located.refusals if refusal.problem != "missing"}
        if broken and not located.submissions and len(broken) == len(located.refusals) > 1:
            broken = {"": next(iter(broken.values()))}  # the whole entry, such as a damaged archive
        remarks = [
            Remark("unreadable", one_line(one.cause_in(path), _SHOWN), section) for section, one in broken.items()
        ]
        absent = {one.id: refusal for one, refusal in located.refusals if refusal.problem == "missing"}
        if self.named:
            return remarks + [
                Remark(self._kind(one), one_line(one.cause_in(path), _SHOWN), section)
                for section, one in absent.items()
            ]
        if absent and not located.submissions and not broken:
            one = next(iter(absent.values()))
            held = f"it holds {listing(one.held.sources)}" if one.held.sources else "no Python file and no notebook"
            remarks.append(Remark(self._kind(one), f"no file of any section: {held}"))
        return remarks


def _has_text(path: Path) -> bool:
    """Whether a page, or the page in a folder, holds more than tags. A page that cannot be read may hold anything."""
    try:
        pages = [one for one in path.iterdir() if one.suffix == ".html"] if path.is_dir() else [path]
        wanted = ExpectedFile("page", "grade SECTION")
        texts = [read_regular(one, _PAGE_LIMIT, wanted)[0] for one in pages]
    except (OSError, UnreadableError):
        return True
    return any(_TAG.sub(b"", text).strip() for text in texts)


def _of(
    path: Path,
    section: Section,
    known: Sequence[Section],
    nameless: bool = False,
    without: Sequence[PurePosixPath] = (),
) -> Located:
    try:
        file = read_section(path, section, known, named=False, without=without)
        return Located([(section, replace(file, nameless=True) if nameless else file)])
    except UnreadableError as error:
        return Located(refusals=[(section, error.refusal)])


def _beside(folder: Path, located: Located) -> list[Remark]:
    """Archives beside a file: the file is graded, the archives are not."""
    read = {file.path for _, file in located.submissions}
    names = sorted(path.name for path in folder.iterdir() if extension_of(path.name) in ARCHIVES and path not in read)
    if not names or not read:
        return []
    return [Remark("duplicate", f"not looked into, as a file lies beside: {listing(map(PurePath, names))}")]
