"""Find the hand-ins in a folder, as systems export them. A file that cannot be graded becomes a `Trouble`.

An entry of the folder is a student's folder or file. `grader.submission` reads it: without links, unpacking or large files.
"""

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from grader.batch import gradescope_metadata
from grader.batch.assigned import Assigned, Assignments
from grader.batch.entries import EntryContents, EntryReader, Kind, Remark
from grader.batch.gradescope_metadata import Submitter, Upload
from grader.batch.platform_table import is_platform_table
from grader.batch.roster import FILENAME as ROSTER
from grader.batch.roster import Roster, Student
from grader.batch.side_by_side import Neighbours
from grader.batch.student_ids import ids_of
from grader.batch.times import Came, Clock, TimeTable, came
from grader.course import Section, UsageError
from grader.grading.records import digest
from grader.submission.file_names import (
    Label,
    assignment_prefix,
    copy_number,
    identity,
    is_another_name,
    numbers_in,
    read_label,
    section_in,
)
from grader.submission.formats import ARCHIVES, kind_of
from grader.submission.locate import Definitions
from grader.submission.search import is_ignored
from grader.submission.submission import Submission
from grader.toolkit.text import one_line, shell_word
from grader.toolkit.typed_paths import GRADEBOOK, GRADEBOOK_FILES

_OURS = frozenset({ROSTER, gradescope_metadata.FILENAME, "policy.toml", "comments.csv"})
_TABLES = frozenset({".csv", ".tsv", ".xls", ".xlsx", ".ods"})
_EXPORT = re.compile(r"assignment_\d+_export|.+-submissions")  # as Gradescope and GitHub Classroom name it
_SHOWN = 300  # characters of a path


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


@dataclass(frozen=True)
class _Origin:
    """The student behind an entry, and the details of the entry."""

    student: str
    name: str
    place: str
    entry: str  # its name
    label: Label
    upload: str
    keys: tuple[str, ...] = ()  # ids of the student
    told: tuple[Came, ...] = ()  # when it came, by the platform


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
    _keys: set[str] = field(default_factory=set)  # ids and names that the folder and the roster have
    _root: Path = field(default=Path(), init=False)  # the folder of the entries

    def read(self) -> Iterator[HandIn | Trouble]:
        """The hand-ins and troubles of the folder, one at a time."""
        self._root = _unwrapped(self.folder)
        entries = _entries(self._root, [path for path in self.used if path.is_file()])
        tables = [entry for entry in entries if self._is_table(entry)]
        entries = [entry for entry in entries if entry not in tables]
        _expect_no_wrapper(self._root, entries)
        for entry in tables:
            reason = "a table, and no hand-in. To use it, name it with --like, --times or --roster"
            yield Trouble("table", one_line(str(self._root / entry.name), _SHOWN), reason)
        metadata = self._root / gradescope_metadata.FILENAME
        uploads = gradescope_metadata.read_metadata(metadata) if metadata.is_file() else {}
        prefix = self._prefix([e.name for e in entries if e.is_dir() and (self._root / e.name / ".git").exists()])
        labels = {entry.name: read_label(entry.name, self._sections_known) for entry in entries}
        files = {entry.name for entry in entries if entry.is_file(follow_symlinks=False)}
        files -= {name for name in files if self._is_given(name, labels[name])}
        alone = self.named and len(self.sections) == 1
        beside = Neighbours(self._root, labels, files, self.sections, self._sections_known, self._chosen(files), alone)
        reader = EntryReader(self.sections, self._sections_known, self.named, self.defined)
        for entry in entries:
            self._keys.add(entry.name)
            if self._is_of_another_section(entry.name):
                continue
            name = entry.name.removeprefix(prefix) if prefix and entry.is_dir() else entry.name
            for found, owners in self._parts(entry.name, name, uploads.get(entry.name), reader, beside):
                for origin in owners:
                    yield from self._of_student(found, origin)
        yield from self._lost(uploads, {entry.name for entry in entries}, reader)
        for student in self.roster.students.values() if self.roster else ():
            if student.id not in self._met:
                yield from self._absent(student, reader)

    def _of_student(self, found: EntryContents, origin: _Origin) -> Iterator[HandIn | Trouble]:
        """What a student has handed in, and whether the roster knows this student."""
        self._met.add(origin.student)
        if self.roster is not None and origin.student not in self.roster.students:
            yield Trouble("unknown", origin.place, "not in the roster", origin.student)
        elif self.roster and is_another_name(origin.label.name, origin.name):
            reason = f"in the roster it is {origin.name}"
            yield Trouble("doubtful", origin.place, reason, origin.student)
        yield from self._of(found, origin)

    def _parts(
        self, entry: str, name: str, upload: Upload | None, reader: EntryReader, beside: Neighbours
    ) -> Iterator[tuple[EntryContents, list[_Origin]]]:
        """What an entry holds, with whose it is. A file in it that the instructor gave to another student is theirs alone."""
        path = self._root / entry
        owners = [*self._people(entry, name, upload, self.assignments.of(path))]
        ids = {origin.student for origin in owners}
        given = [one for one in self.assignments.inside(path) if one.student not in ids]
        own = [one for one in (self.assignments.of(path), *self.assignments.inside(path)) if one and one not in given]
        found = self._contents(entry, own, given, reader, beside)
        if not given or found.submissions or any(one.kind != "empty" for one in found.remarks):
            yield found, owners
        for one in given:
            if (section := self._section_of(one)) is not None:
                yield reader.read_assigned(one.path, section), [*self._people(entry, name, upload, one)]

    def _contents(
        self, entry: str, own: Sequence[Assigned], given: Sequence[Assigned], reader: EntryReader, beside: Neighbours
    ) -> EntryContents:
        """What an entry holds, in view of the student's other entries, of the files that the instructor chose as the
        student's `own`, and of those `given` to others."""
        label, root = read_label(entry, self._sections_known), (self._root / entry).resolve()
        reader = replace(reader, without=tuple(PurePosixPath(one.path.relative_to(root)) for one in given))
        chosen = [(one.path, section) for one in own if (section := self._section_of(one)) is not None]
        if not chosen:
            return self._unassigned(entry, label, reader, beside)
        read = [reader.read_assigned(path, section) for path, section in chosen]
        found = EntryContents(
            [one for each in read for one in each.submissions], [one for each in read for one in each.remarks]
        )
        if all(path != root for path, _ in chosen):  # its files of other sections count as before
            settled = {section.id for _, section in chosen}
            taken = {path for path, _ in chosen}
            rest = self._unassigned(entry, label, reader, beside)
            found.submissions += [
                (section, file)
                for section, file in rest.submissions
                if section.id not in settled and (file.real is None or file.real.resolve() not in taken)
            ]
            found.remarks += [one for one in rest.remarks if one.section and one.section not in settled]
        return found

    def _unassigned(self, entry: str, label: Label, reader: EntryReader, beside: Neighbours) -> EntryContents:
        """What an entry holds, by its names."""
        if refused := beside.remarks(entry):
            return EntryContents(remarks=refused)
        found = reader.read(self._root / entry, label, beside.is_only(entry, label))
        if kind_of(entry) in ARCHIVES and label.system:
            older = [one for one, _ in found.submissions if beside.has_file(label, one)]
            found.submissions = [one for one in found.submissions if one[0] not in older]
            reason = "not graded, since the student handed in the section's file with it"
            found.remarks += [Remark("duplicate", reason, one.id) for one in older]
        if label.typed and beside.has_entries(label):
            found.remarks = [replace(one, kind="duplicate") for one in found.remarks if one.kind != "empty"]
        return found

    def _is_given(self, entry: str, label: Label) -> bool:
        """Whether the instructor gave an entry to a student other than the one in its name."""
        own = self.assignments.of(self._root / entry)
        return own is not None and not self._is_by_name(entry, own)

    def _is_by_name(self, entry: str, own: Assigned) -> bool:
        return any(origin.student == own.student for origin in self._people(entry, entry))

    def _chosen(self, files: Collection[str]) -> dict[str, Section]:
        """The sections of the files that the instructor chose among those of a student, or in an archive among them."""
        found = {}
        for name in files:
            path = self._root / name
            for own in (self.assignments.of(path), *self.assignments.inside(path)):
                if own and self._is_by_name(name, own) and (section := self._section_of(own)):
                    found[name] = section
        return found

    def _section_of(self, own: Assigned) -> Section | None:
        """The section of an assigned file: as the instructor says, else by its name, else the only one that is asked for."""
        if own.section:
            return next((one for one in self.sections if one.id == own.section), None)
        only = self.sections[0] if self.named and len(self.sections) == 1 else None
        return section_in(own.path.name, self.sections) or (None if own.path.is_dir() else only)

    def _is_table(self, entry: os.DirEntry[str]) -> bool:
        """Whether an entry is a table for the instructor: one of a platform, or one without the name of a student."""
        path = self._root / entry.name
        if path.suffix.lower() not in _TABLES or not entry.is_file(follow_symlinks=False) or self.assignments.of(path):
            return False
        label = read_label(entry.name, self._sections_known)
        is_known = self.roster is not None and self.roster.find([label.key, path.stem], label.system) is not None
        return is_platform_table(path) or not (label.system or is_known)

    def _prefix(self, clones: Sequence[str]) -> str:
        """The common prefix of the names of clones, before the user names, unless it is the section."""
        if all(read_label(name, self._sections_known).key != name for name in clones):
            return ""
        folder = self._root.resolve().name
        return assignment_prefix(clones, folder, lambda name: bool(self.roster and self.roster.find([name])))

    @property
    def _sections_known(self) -> Sequence[Section]:
        return self.known or self.sections

    def _is_of_another_section(self, entry: str) -> bool:
        """Whether the name has the number of another section. A word alone may mean something else."""
        label = read_label(entry, self._sections_known)
        found = [section_in(name, self._sections_known) for name in (label.original, entry)]
        others = [one for one in found if one and one not in self.sections and one.number in numbers_in(entry)]
        return bool(others) and not any(one in self.sections for one in found)

    def _lost(self, uploads: Mapping[str, Upload], there: set[str], reader: EntryReader) -> Iterator[Trouble]:
        """Hand-ins that the system lists and that are missing in its export."""
        for name, upload in uploads.items():
            for origin in self._people(name, name, upload) if name not in there else ():
                self._met.add(origin.student)
                reason = f"{gradescope_metadata.FILENAME} lists this folder, but the export lacks it. Export again"
                for section in reader.asked:
                    yield Trouble("unreadable", origin.place, reason, origin.student, section, origin.name)

    def _absent(self, student: Student, reader: EntryReader) -> Iterator[Trouble]:
        """A student without files in the folder. If the platform has the time of a hand-in, this student gets no zero."""
        told = self.told.get(student.id)
        if told is None or (told.moment is None and not told.late):
            yield Trouble("missing", "", f"nothing was handed in by {student.name or student.id}", student.id)
            return
        reason = "the platform's table has the time of a hand-in, but the folder lacks it. Export the hand-ins again"
        for section in reader.asked:
            yield Trouble("unreadable", "", reason, student.id, section, student.name)

    def _people(
        self, entry: str, name: str, upload: Upload | None = None, own: Assigned | None = None
    ) -> Iterator[_Origin]:
        """The students of an entry: one, or a group, by the system's metadata, by its `name`, or as the instructor says."""
        label, path = read_label(name, self._sections_known), self._root / entry
        mark = _upload(path, label, upload)
        submitters = (upload.submitters if upload else ()) or (Submitter((label.key,), label.name),)
        if own is not None:
            path /= own.path.relative_to(path.resolve())
            submitters, label = (Submitter((own.student,), ""),), replace(label, key=own.student, name="", system="")
        place = one_line(str(path), _SHOWN)
        told = [Came(late=int(label.late))]
        if upload is not None:
            told.append(Came(upload.submitted, "platform"))
        met: set[str] = set()
        for one in submitters:
            student = self.roster.find((*one.keys, label.key), label.system) if self.roster else None
            team = self.roster.team_of(student) if self.roster and student else []
            people = [(each.id, each.name) for each in team] or [(identity(one.keys[0]), one_line(one.name, 100))]
            for id, name in people:
                if id in met:  # each of a team may be named
                    continue
                met.add(id)
                own_time = [self.told[id]] if id in self.told else []
                keys = (id, *one.keys, label.key, path.name, *self._other_ids(id))
                self._keys |= {*keys}
                shown = replace(label, name="") if len(team) > 1 else label  # a group's name is not a student's
                yield _Origin(id, name, place, entry, shown, mark, keys, (*told, *own_time))

    def _other_ids(self, student: str) -> list[str]:
        """A student's ids in the other columns of the roster."""
        known = self.roster.students.get(student) if self.roster else None
        return [key for key, _ in ids_of(student, known.ids)] if known else []

    def idle_times(self, known: Iterable[str] = ()) -> list[str]:
        """The ids in the table of times, after the folder was read, that no student, no entry and no `known` one has."""
        people = self.roster.students.values() if self.roster else ()
        others = (key for one in people for key, _ in ids_of(one.id, one.ids))
        return self.times.unknown([*known, *self._keys, *others])

    def _of(self, entry: EntryContents, origin: _Origin) -> Iterator[HandIn | Trouble]:
        """The hand-ins of an entry, one for each section, and its troubles."""
        for section, submission in entry.submissions:
            yield from self._hand_in(origin, section, submission)
        for one in entry.remarks:
            yield Trouble(one.kind, origin.place, one.reason, origin.student, one.section, origin.name)

    def _hand_in(self, origin: _Origin, section: Section, submission: Submission) -> Iterator[HandIn | Trouble]:
        key = (origin.student, section.id, digest(submission.source))
        sequence = origin.label.file_number or copy_number(origin.label.original)
        if key in self._seen:
            reason = f"the same file as {self._seen[key]}"
            yield Trouble("duplicate", origin.place, reason, origin.student, section.id)
        self._seen.setdefault(key, origin.place)
        if not submission.source.strip():
            yield Trouble("empty", origin.place, "there is nothing in its file", origin.student, section.id)
        given = Came(self.times.find(origin.keys, section.id), "table")
        when = came(self._root / origin.entry, submission.real, [given, *origin.told])
        # Equal contents are graded once, and a Report that students share holds no student's name.
        submission = replace(submission, filename=section.stem + kind_of(submission.filename))
        yield HandIn(
            origin.student,
            origin.name,
            section,
            submission,
            origin.place,
            when.late,
            when.moment,
            sequence,
            origin.upload,
            when.clock,
        )


def _upload(path: Path, label: Label, upload: Upload | None) -> str:
    """The identity of a moment of handing in. No system gives a number twice."""
    if upload is not None:
        return f"gradescope {path.name}"
    if label.file_number:
        return f"{label.system} {label.key} {label.file_number}"
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()


def _unwrapped(folder: Path) -> Path:
    """The folder, or the only folder in it if its name is that of an export of Gradescope or GitHub Classroom.

    Only the name decides: a single folder may also be the work of a single student.
    """
    try:
        inside = [path for path in folder.iterdir() if not is_ignored(path.name) and path.name not in _OURS]
        inside = [path for path in inside if path.suffix.lower() not in _TABLES]
    except OSError:  # `_entries` raises
        return folder
    if len(inside) != 1 or inside[0].is_symlink() or not inside[0].is_dir():
        return folder
    is_clone = (inside[0] / ".git").exists()  # of a user whose name ends in -submissions
    return inside[0] if _EXPORT.fullmatch(inside[0].name) and not is_clone else folder


def _expect_no_wrapper(folder: Path, entries: Sequence[os.DirEntry[str]]) -> None:
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


def _entries(folder: Path, used: Sequence[Path]) -> list[os.DirEntry[str]]:
    """What lies in the folder, without our own files and those that the command uses."""
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
