"""The files of a student that lie side by side in a download: one hand-in. `choose_file` chooses among them, as in a folder.

Canvas and Moodle number the attachments of one hand-in one by one: a second file is no second attempt. Only a file of the same
name, with or without the number of a copy, is.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from grader.batch.entries import EntryContents, EntryReader, Remark
from grader.batch.roster import Assigned
from grader.section import Section
from grader.submission.file_names import Label, without_copy_number
from grader.submission.formats import ARCHIVES, FORMATS, extension_of
from grader.submission.refusals import ExpectedFile, UnreadableError, listing
from grader.submission.search import Wish, choose_file, defines, files_among

_Student = tuple[str, str, bool]


def _student(label: Label) -> _Student:
    """The student of an entry, and whether the hand-in is late: Canvas says the same of all files of one."""
    return label.system, label.key, label.late


def _stem(name: str) -> str:
    return without_copy_number(name).lower()


def _name(name: str) -> tuple[str, str]:
    """A name without the number of a copy, and its kind: resubmitted files have the same."""
    return _stem(name), extension_of(name)


@dataclass
class Neighbours:
    """The entries of a download with their labels, and which of them are `files`.

    `assigned` are the sections of the entries that an instructor chose.
    """

    root: Path
    labels: Mapping[str, Label]
    files: Collection[str]
    reader: EntryReader
    assigned: Mapping[str, Section]
    _by_student: dict[_Student, dict[str, str]] = field(default_factory=dict, init=False)
    _remarks: dict[str, list[Remark]] = field(default_factory=dict, init=False)
    _chosen: dict[_Student, set[str]] = field(default_factory=dict, init=False)
    # Names of the files with exercises.
    _defining: dict[_Student, set[tuple[str, str]]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        sources, every, packed = (defaultdict[_Student, dict[str, str]](dict) for _ in range(3))
        for entry, label in sorted(self.labels.items(), key=lambda item: item[1].file_number):
            student = _student(label)
            if entry not in self.files or label.typed:
                continue
            if extension_of(entry) in ARCHIVES:
                packed[student][label.original] = entry
                continue
            every[student][label.original] = entry
            if extension_of(entry) in FORMATS:
                sources[student][label.original] = entry  # of two with one name, the later
        self._by_student = dict(sources)
        for student in {**sources, **packed}:
            if student[0]:
                self._settle(student, every[student], sources[student], packed[student])

    def contents(self, entry: str, own: Sequence[Assigned], given: Sequence[Assigned]) -> EntryContents:
        """The contents of an entry, in view of the student's other entries, of the files that the instructor chose as the
        student's `own`, and of those `given` to others."""
        root = (self.root / entry).resolve()
        reader = replace(self.reader, without=tuple(PurePosixPath(one.path.relative_to(root)) for one in given))
        chosen = [(one.path, section) for one in own if (section := reader.section_of(one)) is not None]
        if not chosen:
            return self._unassigned(entry, reader)
        read = [reader.read_assigned(path, section) for path, section in chosen]
        found = EntryContents(
            [one for each in read for one in each.submissions], [one for each in read for one in each.remarks]
        )
        if all(path != root for path, _ in chosen):  # its files of other sections count as before
            settled = {section.id for _, section in chosen}
            taken = {path for path, _ in chosen}
            rest = self._unassigned(entry, reader)
            found.submissions += [
                (section, file)
                for section, file in rest.submissions
                if section.id not in settled and (file.real is None or file.real.resolve() not in taken)
            ]
            found.remarks += [one for one in rest.remarks if one.section and one.section not in settled]
        return found

    def _unassigned(self, entry: str, reader: EntryReader) -> EntryContents:
        """The contents of an entry, by its names."""
        if entry in self._remarks:
            return EntryContents(remarks=self._remarks[entry])
        label = self.labels[entry]
        found = reader.read(self.root / entry, label, self._is_only(label))
        if extension_of(entry) in ARCHIVES and label.system:
            older = [one for one, _ in found.submissions if one.id in self._chosen.get(_student(label), ())]
            found.submissions = [one for one in found.submissions if one[0] not in older]
            reason = "not graded, since the student handed in the section's file with it"
            found.remarks += [Remark("duplicate", reason, one.id) for one in older]
        if label.typed and (label.system, label.key) in self._with_entries:
            found.remarks = [replace(one, kind="duplicate") for one in found.remarks if one.kind != "empty"]
        return found

    def _settle(
        self, student: _Student, every: Mapping[str, str], sources: Mapping[str, str], packed: Mapping[str, str]
    ) -> None:
        """Note which files of a student are not graded: `every` file but archives, the `sources` among them, and the archives."""
        self._chosen[student] = {one.id for one in self.reader.sections if self._choose(sources, one)}
        if self._chosen[student]:
            self._leave_out(every)
        elif self.reader.alone and self._choose_only(student, sources, packed):
            self._leave_out({name: entry for name, entry in every.items() if name not in sources})
        elif len({*map(_stem, packed)}) > 1:
            section = self.reader.sections[0].id if self.reader.alone else ""
            own = next((name for name, entry in packed.items() if entry in self.assigned), None)
            unclear = Remark(
                "unreadable", f"any of these could be meant: {listing(map(PurePosixPath, packed))}", section
            )
            if own is not None:
                reason = f"the grader used {listing([PurePosixPath(own)])}, which you chose"
                unclear = Remark("duplicate", reason, section)
            self._remarks |= {entry: [unclear] for name, entry in packed.items() if name != own}

    def _is_only(self, label: Label) -> bool:
        """Whether the student's files all have one name, or this is the name of those that define exercises."""
        names = {_name(name) for name in self._by_student.get(_student(label), {})}
        return self._defining.get(_student(label), names) <= {_name(label.original)}

    def _choose_only(self, student: _Student, entries: Mapping[str, str], packed: Mapping[str, str]) -> bool:
        """Note the files that seem to define no exercise, if those that do have one name, or if archives lie beside them.

        Returns whether a file that is not packed is to be graded.
        """
        (section,) = self.reader.sections
        if len({*map(_name, entries)}) == 1 and not packed:
            return True
        files = files_among(self.root, entries, ExpectedFile.of(section))
        defining = {_name(path.name) for path in files.contents.sources if defines(path, files, section)}
        if len(defining) == 1:
            self._defining[student] = defining
            self._chosen[student] = {section.id}
        if len(defining) == 1 or (packed and not defining):
            reason = "not graded, since it defines no exercise, and the student handed in another file with it"
            for name, entry in entries.items():
                if _name(name) not in defining:
                    self._remarks.setdefault(entry, []).append(Remark("duplicate", reason, section.id))
        return len(defining) == 1

    @cached_property
    def _with_entries(self) -> set[tuple[str, str]]:
        return {(one.system, one.key) for one in self.labels.values() if not one.typed}

    def _leave_out(self, entries: Mapping[str, str]) -> None:
        """Note the files that are no section's, such as a helper or a PDF: they came with a section's file."""
        reason = "not graded, since the student handed in a section's file with it"
        wishes = [Wish(section, self.reader.known) for section in self.reader.known]
        for name, entry in entries.items():
            if extension_of(name) not in FORMATS or all(wish.rank(name) is None for wish in wishes):
                self._remarks.setdefault(entry, []).append(Remark("duplicate", reason))

    def _choose(self, entries: Mapping[str, str], section: Section) -> bool:
        """Note which of the files that fit the section are not graded. Returns whether there are some that fit."""
        wish, wanted = Wish(section, self.reader.known, alone=False), ExpectedFile.of(section)
        own = next((name for name, entry in entries.items() if self.assigned.get(entry) == section), None)
        fitting = [name for name in entries if wish.rank(name) is not None or name == own]
        if own is not None:
            self._leave_others(fitting, entries, section, own, "which you chose")
            return True
        if len(fitting) < 2:
            return bool(fitting)

        files = files_among(self.root, {name: entries[name] for name in fitting}, wanted)
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
