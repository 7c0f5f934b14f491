"""The files of a student that lie side by side in a download: one hand-in, of which `choose_file` chooses, as in a folder.

Canvas and Moodle number the attachments of one hand-in one by one: a second file is no second attempt. Only a file of the same
name, with or without the number of a copy, is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.batch.entries import Remark
from grader.course import Section
from grader.submission.file_names import Label, without_copy_number
from grader.submission.files import read_regular
from grader.submission.formats import ARCHIVES, FORMATS, format_of, kind_of
from grader.submission.refusals import ExpectedFile, UnreadableError, listing
from grader.submission.search import Files, Wish, choose_file
from grader.submission.submission import seems_to_define

_Student = tuple[str, str, bool]


def _student(label: Label) -> _Student:
    """The student of an entry, and whether the hand-in is late: Canvas says the same of all files of one."""
    return label.system, label.key, label.late


def _stem(name: str) -> str:
    return without_copy_number(name).lower()


def _name(name: str) -> tuple[str, str]:
    """A name without the number of a copy, and its kind: resubmitted files have the same."""
    return _stem(name), kind_of(name)


@dataclass
class Neighbours:
    """The entries of a download with their labels, which of them are `files`, and the sections that are asked for.

    `assigned` are the sections of the entries that an instructor chose; `alone` if a single section is asked for by name.
    """

    root: Path
    labels: Mapping[str, Label]
    files: Collection[str]
    sections: Sequence[Section]
    known: Sequence[Section]
    assigned: Mapping[str, Section] = field(default_factory=dict)
    alone: bool = False
    _by_student: dict[_Student, dict[str, str]] = field(default_factory=dict, init=False)
    _remarks: dict[str, list[Remark]] = field(default_factory=dict, init=False)
    _chosen: dict[_Student, set[str]] = field(default_factory=dict, init=False)
    _defining: dict[_Student, set[tuple[str, str]]] = field(
        default_factory=dict, init=False
    )  # names of the files with exercises

    def __post_init__(self) -> None:
        sources, every, packed = (defaultdict[_Student, dict[str, str]](dict) for _ in range(3))
        for entry, label in sorted(self.labels.items(), key=lambda item: item[1].file_number):
            student = _student(label)
            if entry not in self.files or label.typed:
                continue
            if kind_of(entry) in ARCHIVES:
                packed[student][label.original] = entry
                continue
            every[student][label.original] = entry
            if kind_of(entry) in FORMATS:
                sources[student][label.original] = entry  # of two with one name, the later
        self._by_student = dict(sources)
        for student in {**sources, **packed}:
            if student[0]:
                self._settle(student, every[student], sources[student], packed[student])

    def _settle(
        self, student: _Student, every: Mapping[str, str], sources: Mapping[str, str], packed: Mapping[str, str]
    ) -> None:
        """Note which files of a student are not graded: `every` file but archives, the `sources` among them, and the archives."""
        self._chosen[student] = {one.id for one in self.sections if self._choose(sources, one)}
        if self._chosen[student]:
            self._leave_out(every)
        elif self.alone and self._choose_only(student, sources, packed):
            self._leave_out({name: entry for name, entry in every.items() if name not in sources})
        elif len({*map(_stem, packed)}) > 1:
            section = self.sections[0].id if self.alone else ""
            own = next((name for name, entry in packed.items() if entry in self.assigned), None)
            unclear = Remark(
                "unreadable", f"any of these could be meant: {listing(map(PurePosixPath, packed))}", section
            )
            if own is not None:
                reason = f"the grader used {listing([PurePosixPath(own)])}, which you chose"
                unclear = Remark("duplicate", reason, section)
            self._remarks |= {entry: [unclear] for name, entry in packed.items() if name != own}

    def is_only(self, entry: str, label: Label) -> bool:
        """Whether the student's files all have one name, or this is the name of those that define exercises."""
        names = {_name(name) for name in self._by_student.get(_student(label), {})}
        return self._defining.get(_student(label), names) <= {_name(label.original)}

    def _choose_only(self, student: _Student, entries: Mapping[str, str], packed: Mapping[str, str]) -> bool:
        """Note the files that seem to define no exercise, if those that do have one name, or if archives lie beside them.

        Returns whether a file that is not packed is to be graded.
        """
        (section,) = self.sections
        if len({*map(_name, entries)}) == 1 and not packed:
            return True
        defining = {_name(name) for name, entry in entries.items() if self._defines(entry, section)}
        if len(defining) == 1:
            self._defining[student] = defining
            self._chosen[student] = {section.id}
        if len(defining) == 1 or (packed and not defining):
            reason = "not graded, since it defines no exercise, and the student handed in another file with it"
            for name, entry in entries.items():
                if _name(name) not in defining:
                    self._remarks.setdefault(entry, []).append(Remark("duplicate", reason, section.id))
        return len(defining) == 1

    def _defines(self, entry: str, section: Section) -> bool:
        try:
            source = read_regular(self.root / entry, format_of(entry).limit, ExpectedFile.of(section))[0]
        except UnreadableError:  # what cannot be read may hold anything
            return True
        return seems_to_define(source, section.functions)

    def has_entries(self, label: Label) -> bool:
        """Whether the student has an entry that is no page of the system."""
        return (label.system, label.key) in self._with_entries

    @cached_property
    def _with_entries(self) -> set[tuple[str, str]]:
        return {(one.system, one.key) for one in self.labels.values() if not one.typed}

    def remarks(self, entry: str) -> list[Remark]:
        """Why a file is not graded, for each section that it might be of; empty if it is to be read."""
        return self._remarks.get(entry, [])

    def has_file(self, label: Label, section: Section) -> bool:
        """Whether one of several files of the student is the section's: then an archive beside it is an older copy."""
        return section.id in self._chosen.get(_student(label), ())

    def _leave_out(self, entries: Mapping[str, str]) -> None:
        """Note the files that are no section's, such as a helper or a PDF: they came with a section's file."""
        reason = "not graded, since the student handed in a section's file with it"
        wishes = [Wish(section, self.known) for section in self.known]
        for name, entry in entries.items():
            if kind_of(name) not in FORMATS or all(wish.rank(name) is None for wish in wishes):
                self._remarks.setdefault(entry, []).append(Remark("duplicate", reason))

    def _choose(self, entries: Mapping[str, str], section: Section) -> bool:
        """Note which of the files that fit the section are not graded. Returns whether there are some that fit."""
        wish, wanted = Wish(section, self.known, alone=False), ExpectedFile.of(section)
        own = next((name for name, entry in entries.items() if self.assigned.get(entry) == section), None)
        fitting = [name for name in entries if wish.rank(name) is not None or name == own]
        if own is not None:
            self._leave_others(fitting, entries, section, own, "which you chose")
            return True
        if len(fitting) < 2:
            return bool(fitting)

        def read(path: PurePosixPath) -> tuple[bytes, Path]:
            return read_regular(self.root / entries[path.name], format_of(path.name).limit, wanted)

        files = Files(self.root, False, read)
        files.contents.sources.extend(map(PurePosixPath, fitting))
        try:
            choice = choose_file(files, wish, wanted)
        except UnreadableError as error:
            unclear = Remark("unreadable", error.refusal.reason, section.id)
            self._remarks |= {entries[name]: [unclear] for name in fitting}
            return True
        assert choice is not None
        self._leave_others(fitting, entries, section, choice.path.name, "which the student handed in with it")
        return True

    def _leave_others(
        self, fitting: Sequence[str], entries: Mapping[str, str], section: Section, chosen: str, why: str
    ) -> None:
        """Note the fitting files that are not the chosen one, nor another attempt at it."""
        for name in fitting:
            if _name(name) != _name(chosen):
                reason = f"the grader used {listing([PurePosixPath(chosen)])}, {why}"
                self._remarks.setdefault(entries[name], []).append(Remark("duplicate", reason, section.id))
