"""A class's marks as every export needs them: the students, and an entry for each student and section."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import PurePath

import msgspec

from grader.batch.gradebook import queries
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.queries import Unreadable
from grader.batch.marks import StudentMark, student_marks
from grader.batch.policy import Policy, mark_of
from grader.batch.roster import ANYWHERE, StudentIds, folded, ids_of
from grader.grading.report import Report, Status, total
from grader.section import Section
from grader.submission.file_names import identity, read_label
from grader.toolkit.text import one_line


class Why(StrEnum):
    """Why there is no mark."""

    MISSING = "nothing handed in"
    WAITING = "not graded yet"
    FAULT = "grader error"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True)
class Person:
    """A student. `ids` are the roster's other columns. A student who is not on the roster has the id of a `system`."""

    id: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)
    enrolled: bool = True
    system: str = ANYWHERE

    @property
    def label(self) -> str:
        """The name, if there is one, and the id."""
        return f"{one_line(self.name)} ({one_line(self.id)})" if self.name else one_line(self.id)


@dataclass(frozen=True)
class Entry:
    """A student's mark for a section. Without a mark, `points` is None, and `why` is the reason.

    The mark comes from `grading`; `place` is the name of its file or folder in the export. With `waits`, a file that may change
    the mark is not graded yet; with `unread`, another file cannot be read. `cause` says why a graded file has no points.
    """

    points: float | None
    max_points: float
    why: Why | None = None
    days_late: int = 0
    remarks: Sequence[str] = ()
    attempts: int = 0
    grading: int | None = None
    place: str = ""
    waits: bool = False
    unread: bool = False
    cause: str = ""


def reasons_of(entry: Entry) -> list[str]:
    """Why there is no mark, nothing to grade or no points, and the remarks."""
    return [*filter(None, (entry.why and str(entry.why), entry.cause)), *entry.remarks]


@dataclass(frozen=True)
class Ledger:
    """All students of a class, in the order of their ids, and their entries for some sections."""

    book: Gradebook
    sections: Sequence[Section]
    people: Sequence[Person]
    entries: Mapping[tuple[str, str], Entry]  # by a person's and a section's id
    scale: Mapping[str, float] = field(default_factory=dict)  # by a section's id: the maximum in exports
    # The student and the section of each extension: they have a deadline of their own.
    extended: Collection[tuple[str, str]] = ()

    @classmethod
    def of(
        cls,
        book: Gradebook,
        policy: Policy,
        sections: Sequence[Section],
        comments: Mapping[tuple[str, str], str] | None = None,
    ) -> "Ledger":
        """The marks of a gradebook by the rules of a class: for every student, whether anything was handed in or not.

        A comment of the teacher, by student and section or by student and "", is a remark.
        """
        people = list(_people(book))
        found = {(one.student, one.section): one for one in student_marks(book, policy)}
        places, unreadable = queries.graded_names(book), queries.unreadable(book)
        handed_in = {student for student, _ in found}  # then the section of every file is clear
        entries = {}
        for section in sections:
            for person in people:
                student_mark = found.get((person.id, section.id))
                if student_mark is not None:
                    unread = (person.id, section.id) in unreadable
                    entry = replace(_entry(student_mark, section.max_points, places), unread=unread)
                    entry = replace(entry, cause=_cause(book, entry))
                else:
                    spoiled = unreadable.get((person.id, section.id))
                    if person.id not in handed_in or policy.missing == "zero":  # a zero needs certainty
                        spoiled = spoiled or unreadable.get((person.id, ""))
                    entry = _without_file(policy, person, section, spoiled)
                entry = _scaled(entry, policy.scale.get(section.id))
                said = [(comments or {}).get((folded(person.id), key), "") for key in (section.id, "")]
                remarks = (*entry.remarks, *(f"comment: {text}" for text in said if text))
                entries[person.id, section.id] = replace(entry, remarks=remarks)
        extended = {(one.student, one.section) for one in policy.extensions}
        return cls(book, sections, people, entries, policy.scale, extended)

    def entry(self, person: Person, section: Section) -> Entry:
        return self.entries[person.id, section.id]

    def worth(self, section: Section) -> float:
        """The most points of a section, as exports count them."""
        return self.scale.get(section.id, section.max_points)

    def above(self) -> list[Person]:
        """The people with a mark above the maximum."""
        return self._with_any(lambda entry: entry.points is not None and entry.points > entry.max_points)

    def total(self, person: Person) -> float | None:
        """The sum of a person's marks; None if a mark is unknown, or if there are no marks."""
        entries = self._entries_of(person)
        known = [entry.points for entry in entries if entry.points is not None]
        return total(known) if known and all(entry.why in (None, Why.MISSING) for entry in entries) else None

    def report(self, entry: Entry, section: Section) -> Report | None:
        """The Report that a mark comes from, without times, and with the checks hidden that are hidden today."""
        if entry.grading is None:
            return None
        hidden = {check.id for check in section.check_list if check.hidden}
        report = self.book.grading(entry.grading).report
        checks = [
            msgspec.structs.replace(check, seconds=0.0, compute_seconds=None, hidden=check.hidden or check.id in hidden)
            for check in report.checks
        ]
        return msgspec.structs.replace(report, checks=checks)

    def find(self, keys: Iterable[str], system: str) -> Person | None:
        """The person with the first known id among `keys`, as a `system` writes them."""
        return self._known(self._ids.find((key for key in keys if key.strip()), system))

    def numbered(self, key: str, system: str) -> Person | None:
        """The person who has a number of a system's own."""
        return self._known(self._ids.own(key, system))

    def _known(self, student: str | None) -> Person | None:
        return None if student is None else self._by_id[student]

    @cached_property
    def _by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def _ids(self) -> StudentIds:
        ids, sections = StudentIds(), {section.id for section in self.sections}
        for person in sorted(self.people, key=lambda one: not one.enrolled):
            for key, system in ids_of(person.id, person.ids, sections):
                ids.add(key, person.id, system or person.system)
        for student, system, key, section_id in _numbers(self.book):
            if system != "moodle" or section_id in {"", *sections}:  # its numbers differ between assignments
                ids.add(key, student, system)
        return ids

    def having(self, why: Why) -> list[tuple[Person, Section]]:
        """The people and sections whose mark is missing for this reason."""
        return [
            (person, section)
            for section in self.sections
            for person in self.people
            if self.entry(person, section).why is why
        ]

    def unknown_people(self) -> list[Person]:
        """The people in no roster and no table, if there are students with 0 whose hand-ins these may be."""
        if not any(self.entry(*one).points == 0 for one in self.having(Why.MISSING) if one[0].enrolled):
            return []
        return [one for one in self.people if not one.enrolled and any(each.attempts for each in self._entries_of(one))]

    def waiting(self) -> list[Person]:
        """The people whose marks may change, as a newer file is not graded yet."""
        return self._with_any(lambda entry: entry.waits and entry.why is None)

    def waits(self, section: Section) -> bool:
        """Whether a file of a section is not graded yet."""
        entries = [self.entry(person, section) for person in self.people]
        return any(entry.waits or entry.why is Why.WAITING for entry in entries)

    def half_read(self) -> list[Person]:
        """The people with a mark who also have a file that cannot be read."""
        return self._with_any(lambda entry: entry.unread)

    def _with_any(self, asked: Callable[[Entry], bool]) -> list[Person]:
        """The people with such an entry."""
        return [person for person in self.people if any(map(asked, self._entries_of(person)))]

    def _entries_of(self, person: Person) -> list[Entry]:
        return [self.entry(person, section) for section in self.sections]


def _cause(book: Gradebook, entry: Entry) -> str:
    """Why a graded file has no points: for exports without the Report, which says more."""
    if entry.grading is None or entry.points != 0:
        return ""
    report = book.grading(entry.grading).report.for_student()
    if report.points:  # the rules took them, and their remark says so
        return ""
    if not book.source(entry.grading).strip():
        return "no points: there is nothing in the file"
    failed = [one for one in report.exercises if one.status is not Status.NOT_STARTED]
    if not failed and not report.notice:
        return "no points: nothing is written yet"
    told = [
        one.message for one in report.checks if one.status not in (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)
    ]
    return f"no points: {one_line(report.notice or next(filter(None, told), 'no check passed'))}"


def _scaled(entry: Entry, maximum: float | None) -> Entry:
    """An entry in the points of another system, with a remark."""
    if maximum is None or not entry.max_points:
        return entry
    remarks, points = entry.remarks, entry.points
    if points is not None and entry.why is None:
        remarks = (*remarks, f"{points:g} of {entry.max_points:g} points, scaled to {maximum:g}")
        points = round(points * maximum / entry.max_points, 2)
    return replace(entry, points=points, max_points=maximum, remarks=remarks)


def _without_file(policy: Policy, person: Person, section: Section, spoiled: Unreadable | None) -> Entry:
    """The entry of a student without a file to grade: points that an instructor gives still count."""
    mark, place = mark_of(policy, person.id, section.id, []), spoiled.name if spoiled else ""
    if mark.notes:
        return Entry(mark.points, section.max_points, remarks=tuple(mark.notes), place=place)
    if spoiled:
        return Entry(None, section.max_points, Why.UNREADABLE, remarks=(spoiled.reason,), place=place)
    return Entry(0.0 if policy.missing == "zero" else None, section.max_points, Why.MISSING)


def _entry(student_mark: StudentMark, worth: float, places: Mapping[int, Mapping[str, str]]) -> Entry:
    mark, worth = student_mark.mark, student_mark.max_points or worth
    place = places.get(student_mark.grading or 0, {}).get(student_mark.student, "")
    why = Why.FAULT if mark.grader_error else Why.WAITING if student_mark.grading is None else None
    counts = student_mark.attempts, student_mark.grading
    points = None if why else mark.points
    return Entry(points, worth, why, mark.days_late, tuple(mark.notes), *counts, place, student_mark.waits)


def _people(book: Gradebook) -> Iterator[Person]:
    systems = {student: system for student, system, key, _ in _numbers(book) if identity(key) == student}
    for student, name, ids in queries.people(book):
        if ids:
            yield Person(student, name, msgspec.json.decode(ids, type=dict[str, str]))
        else:
            yield Person(student, name, enrolled=False, system=systems.get(student, ANYWHERE))


def _numbers(book: Gradebook) -> Iterator[tuple[str, str, str, str]]:
    """The student, the system, the number and the section of each name of a download of Canvas or Moodle."""
    for student, place, section in queries.places(book):
        label = read_label(PurePath(place).name, ())
        if label.system:
            yield student, label.system, label.key, section
