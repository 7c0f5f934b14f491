"""Find the hand-ins in a folder, as systems export them. A file that cannot be graded becomes a `Trouble`.

An entry of the folder is a student's folder or file. `grader.submission` reads it: without links, unpacking or large files.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from grader.batch import gradescope_metadata
from grader.batch.entries import EntryContents, EntryReader, Kind
from grader.batch.gradescope_metadata import Upload
from grader.batch.owners import Owner, Owners
from grader.batch.platform_table import is_platform_table
from grader.batch.roster import FILENAME as ROSTER
from grader.batch.roster import Assignments, Roster, Student, ids_of
from grader.batch.side_by_side import Neighbours
from grader.batch.times import Came, Clock, TimeTable, came
from grader.course import UsageError
from grader.grading.records import digest
from grader.section import Section
from grader.submission.file_names import copy_number, is_another_name, numbers_in, read_label, section_in
from grader.submission.formats import extension_of
from grader.submission.locate import Definitions
from grader.submission.search import is_ignored
from grader.submission.submission import Submission
from grader.toolkit.text import one_line, shell_word
from grader.toolkit.typed_paths import GRADEBOOK, GRADEBOOK_FILES

TABLES = frozenset({".csv", ".tsv", ".xls", ".xlsx", ".ods"})
_OURS = frozenset({ROSTER, gradescope_metadata.FILENAME, "policy.toml", "comments.csv"})
_EXPORT = re.compile(r"assignment_\d+_export|.+-submissions")  # as Gradescope and GitHub Classroom name it
_SHOWN = 300  # characters of a path


def unwrapped(folder: Path) -> Path:
    """The folder, or the only folder in it if its name is that of an export of Gradescope or GitHub Classroom.

    Only the name decides: a single folder may also be the work of a single student.
    """
    try:
        inside = [path for path in folder.iterdir() if not is_ignored(path.name) and path.name not in _OURS]
        inside = [path for path in inside if path.suffix.lower() not in TABLES]
    except OSError:  # `entries_of` raises
        return folder
    if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
        return folder
    is_clone = (inside[0] / ".git").exists()  # of a user whose name ends in -submissions
    return inside[0] if _EXPORT.fullmatch(inside[0].name) and not is_clone else folder


def expect_no_wrapper(folder: Path, entries: Sequence[os.DirEntry[str]]) -> None:
    """Raise UsageError if the folder holds only the unpacked export of Moodle or Canvas.

    It could also be the work of a single student, so a person must decide.
    """
    if len(entries) != 1 or entries[0].is_symlink() or not entries[0].is_dir():
        return
    inner = folder / entries[0].name
    with suppress(OSError):
        names = [path.name for path in inner.iterdir() if not is_ignored(path.name)]
        if names and not read_label(inner.name, ()).system and all(read_label(name, ()).system for name in names):
            raise UsageError(
                f"{one_line(str(folder))}: holds one folder, which looks like an export itself. "
                f"Name that one: {shell_word(one_line(str(inner)))}"
            )


def entries_of(folder: Path, used: Sequence[Path]) -> list[os.DirEntry[str]]:
    """The entries of the folder, without our own files and those that the command uses."""
    shown = one_line(str(folder))
    if folder.is_file():
        raise UsageError(f"{shown}: a file, not a folder. Unpack the export, and name the folder: grade class FOLDER")
    try:
        with os.scandir(folder) as found:
            entries = sorted((e for e in found if not is_ignored(e.name) and e.name not in _OURS), key=lambda e: e.name)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}. Expected a folder of submissions.") from None
    if (folder / GRADEBOOK).is_file():
        entries = [entry for entry in entries if entry.name not in GRADEBOOK_FILES]
    entries = [entry for entry in entries if not (folder / entry.name / GRADEBOOK).is_file()]
    entries = [
        entry for entry in entries if not any(one.samefile(entry.path) for one in used if one.name == entry.name)
    ]
    if not entries:
        raise UsageError(f"{shown}: there is nothing in this folder. Expected one folder or file per student.")
    return entries


@dataclass(frozen=True)
class Trouble:
    """A thing for the instructor to check. Files of unknown students and empty files are graded all the same."""

    kind: Kind
    place: str
    reason: str
    student: str = ""
    section: str = ""
    name: str = ""  # of the student

    @property
    def is_lost(self) -> bool:
        """Whether something was handed in and does not lie in the folder."""
        return self.kind == "unreadable" and not self.place


@dataclass(frozen=True)
class HandIn:
    """A student's file for a section. `sequence` orders the files of a student if their times are unknown.

    `upload` identifies the moment of handing in: the system's number, or the place.
    """

    student: str
    name: str
    section: Section
    submission: Submission
    place: str
    late: int = 0  # seconds after the deadline of its platform; 1 if that only says that it is late
    submitted: datetime | None = None
    sequence: int = 0
    upload: str = ""
    clock: Clock = ""  # who tells the time


@dataclass
class Intake:
    """Reads a folder of hand-ins. With `named`, each student should have a file for each of the `sections`.

    `known` are all sections of the course; `defined` looks into a file whose name does not tell its section. `times` go before
    what a platform or a hand-in says, and `assignments` before what a name says; `told` is what a table of the platform says of
    each student. Files from sections that were not requested are skipped; so are the files that the command has `used`, and
    gradebooks.
    """

    folder: Path
    sections: Sequence[Section]
    roster: Roster | None = None
    named: bool = False
    known: Sequence[Section] = ()
    defined: Definitions | None = None
    times: TimeTable = field(default_factory=TimeTable)
    assignments: Assignments = field(default_factory=Assignments)
    told: Mapping[str, Came] = field(default_factory=dict)
    used: Collection[Path] = ()
    _seen: dict[tuple[str, str, str], str] = field(default_factory=dict)  # the first place of a content of a student
    _met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.known = self.known or self.sections
        self._root = unwrapped(self.folder)  # the folder of the entries
        self._owners = Owners(self._root, self.known, self.roster, self.assignments, self.told)
        self._reader = EntryReader(self.sections, self.known, self.named, self.defined)

    def read(self) -> Iterator[HandIn | Trouble]:
        """The hand-ins and troubles of the folder, one at a time."""
        entries = entries_of(self._root, [path for path in self.used if path.is_file()])
        tables = [entry for entry in entries if self._is_table(entry)]
        entries = [entry for entry in entries if entry not in tables]
        expect_no_wrapper(self._root, entries)
        for entry in tables:
            reason = "a table, and no hand-in. To use it, name it with --like, --times or --roster"
            yield Trouble("table", one_line(str(self._root / entry.name), _SHOWN), reason)
        metadata = self._root / gradescope_metadata.FILENAME
        uploads = gradescope_metadata.read_metadata(metadata) if metadata.is_file() else {}
        clones = [entry.name for entry in entries if entry.is_dir() and (self._root / entry.name / ".git").exists()]
        prefix = self._owners.prefix(clones)
        beside = self._neighbours(entries)
        for entry in entries:
            self._owners.seen.add(entry.name)
            if self._is_of_another_section(entry.name):
                continue
            name = entry.name.removeprefix(prefix) if prefix and entry.is_dir() else entry.name
            for found, owners in self._parts(entry.name, name, uploads.get(entry.name), beside):
                for owner in owners:
                    yield from self._of_student(found, owner)
        yield from self._lost(uploads, {entry.name for entry in entries})
        for student in self.roster.students.values() if self.roster else ():
            if student.id not in self._met:
                yield from self._absent(student)

    def _neighbours(self, entries: Sequence[os.DirEntry[str]]) -> Neighbours:
        files = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
        files -= {name for name in files if self._owners.is_given(name)}
        labels = {entry.name: read_label(entry.name, self.known) for entry in entries}
        return Neighbours(self._root, labels, files, self._reader, self._chosen(files))

    def _of_student(self, found: EntryContents, owner: Owner) -> Iterator[HandIn | Trouble]:
        """The hand-ins and troubles of a student, who may be missing in the roster."""
        self._met.add(owner.student)
        if self.roster is not None and owner.student not in self.roster.students:
            yield Trouble("unknown", owner.place, "not in the roster", owner.student)
        elif self.roster and is_another_name(owner.label.name, owner.name):
            reason = f"in the roster it is {owner.name}"
            yield Trouble("doubtful", owner.place, reason, owner.student)
        yield from self._of(found, owner)

    def _parts(
        self, entry: str, name: str, upload: Upload | None, beside: Neighbours
    ) -> Iterator[tuple[EntryContents, list[Owner]]]:
        """The contents of an entry, with their students. A file that the instructor gave to another student is theirs alone."""
        path = self._root / entry
        owners = [*self._owners.of(entry, name, upload, self.assignments.of(path))]
        ids = {owner.student for owner in owners}
        given = [one for one in self.assignments.inside(path) if one.student not in ids]
        own = [one for one in (self.assignments.of(path), *self.assignments.inside(path)) if one and one not in given]
        found = beside.contents(entry, own, given)
        if not given or found.submissions or any(one.kind != "empty" for one in found.remarks):
            yield found, owners
        for one in given:
            if (section := self._reader.section_of(one)) is not None:
                yield self._reader.read_assigned(one.path, section), [*self._owners.of(entry, name, upload, one)]

    def _chosen(self, files: Collection[str]) -> dict[str, Section]:
        """The sections of the files that the instructor chose among those of a student, or in an archive among them."""
        found = {}
        for name in files:
            path = self._root / name
            for own in (self.assignments.of(path), *self.assignments.inside(path)):
                if own and self._owners.is_by_name(name, own) and (section := self._reader.section_of(own)):
                    found[name] = section
        return found

    def _is_table(self, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a table for the instructor: it comes from a platform, or its name names no student."""
        path = self._root / entry.name
        if path.suffix.lower() not in TABLES or not entry.is_file(follow_symlinks=False) or self.assignments.of(path):
            return False
        return is_platform_table(path) or not self._owners.knows(entry.name)

    def _is_of_another_section(self, entry: str) -> bool:
        """Whether the name has the number of another section. A word alone may mean something else."""
        label = read_label(entry, self.known)
        found = [section_in(name, self.known) for name in (label.original, entry)]
        others = [one for one in found if one and one not in self.sections and one.number in numbers_in(entry)]
        return bool(others) and not any(one in self.sections for one in found)

    def _lost(self, uploads: Mapping[str, Upload], there: set[str]) -> Iterator[Trouble]:
        """Hand-ins that the system lists and that are missing in its export."""
        for name, upload in uploads.items():
            for owner in self._owners.of(name, name, upload) if name not in there else ():
                self._met.add(owner.student)
                reason = f"{gradescope_metadata.FILENAME} lists this folder, but the export lacks it. Export again"
                for section in self._reader.asked:
                    yield Trouble("unreadable", owner.place, reason, owner.student, section, owner.name)

    def _absent(self, student: Student) -> Iterator[Trouble]:
        """A student without files in the folder. If the platform has the time of a hand-in, this student gets no zero."""
        told = self.told.get(student.id)
        if told is None or (told.moment is None and not told.late):
            yield Trouble("missing", "", f"{student.name or student.id} handed in nothing", student.id)
            return
        reason = "the platform's table has the time of a hand-in, but the folder lacks it. Export the hand-ins again"
        for section in self._reader.asked:
            yield Trouble("unreadable", "", reason, student.id, section, student.name)

    def idle_times(self, known: Iterable[str] = ()) -> list[str]:
        """The ids in the table of times that belong to no student, no entry and no `known` id; after the folder was read."""
        people = self.roster.students.values() if self.roster else ()
        others = (key for one in people for key, _ in ids_of(one.id, one.ids))
        return self.times.unknown([*known, *self._owners.seen, *others])

    def _of(self, entry: EntryContents, owner: Owner) -> Iterator[HandIn | Trouble]:
        """The hand-ins of an entry, one for each section, and its troubles."""
        for section, submission in entry.submissions:
            yield from self._hand_in(owner, section, submission)
        for one in entry.remarks:
            yield Trouble(one.kind, owner.place, one.reason, owner.student, one.section, owner.name)

    def _hand_in(self, owner: Owner, section: Section, submission: Submission) -> Iterator[HandIn | Trouble]:
        key = (owner.student, section.id, digest(submission.source))
        sequence = owner.label.file_number or copy_number(owner.label.original)
        if key in self._seen:
            reason = f"the same file as {self._seen[key]}"
            yield Trouble("duplicate", owner.place, reason, owner.student, section.id)
        self._seen.setdefault(key, owner.place)
        if not submission.source.strip():
            yield Trouble("empty", owner.place, "there is nothing in its file", owner.student, section.id)
        given = Came(self.times.find(owner.keys, section.id), "table")
        when = came(self._root / owner.entry, submission.real, [given, *owner.told])
        # Equal contents are graded once, and a Report that students share holds no student's name.
        submission = replace(submission, filename=section.stem + extension_of(submission.filename))
        moment = when.late, when.moment, sequence, owner.upload, when.clock
        yield HandIn(owner.student, owner.name, section, submission, owner.place, *moment)
