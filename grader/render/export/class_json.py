"""A class's marks and Reports as JSON, for programs of the instructor: `grade export json`.

Each struct below is an object of the file, and each field a key. Reports include hidden checks: this file is not for students.
"""

import json
from collections.abc import Iterator

import msgspec

from grader.batch.ledger import Ledger, Person
from grader.grading.report import Report
from grader.render.export.exporter import Export, Exporter
from grader.toolkit.text import visible

SCHEMA_VERSION = 1


class SectionRecord(msgspec.Struct, frozen=True):
    """A section: the word that a person types, its title, the points of all checks."""

    id: str
    title: str
    max_points: float


class MarkRecord(msgspec.Struct, frozen=True):
    """A student's mark for a section.

    Without a mark, `points` is null, and `why` is the reason: "nothing handed in", "not graded yet", "grader error", "cannot be
    read". `remarks` name the rules of the policy that changed the points. `report` is the graded Report, as `--json` writes it;
    its `seconds` are 0, so that equal grades are equal bytes.
    """

    section: str
    points: float | None
    max_points: float
    why: str | None
    days_late: int
    remarks: list[str]
    attempts: int
    report: Report | None


class StudentRecord(msgspec.Struct, frozen=True):
    """A student; `ids` are the other columns of the roster, `enrolled` is whether the roster lists the student."""

    id: str
    name: str
    ids: dict[str, str]
    enrolled: bool
    marks: list[MarkRecord]


class ClassRecord(msgspec.Struct, frozen=True):
    """A class: its sections, and its students in the order of their ids."""

    schema_version: int
    sections: list[SectionRecord]
    students: list[StudentRecord]


def class_json(ledger: Ledger) -> bytes:
    """The whole ledger, indented, with a final newline."""
    sections = [SectionRecord(section.id, section.title, ledger.worth(section)) for section in ledger.sections]
    students = [
        StudentRecord(one.id, one.name, dict(one.ids), one.enrolled, list(_marks(ledger, one))) for one in ledger.people
    ]
    record = ClassRecord(SCHEMA_VERSION, sections, students)
    document = msgspec.json.format(msgspec.json.encode(record), indent=2).decode()
    hidden = [letter for letter in set(document) if visible(letter) != letter]
    # Invisible characters become escapes of JSON: the value stays, and a terminal may show it.
    return document.translate({ord(letter): json.dumps(letter)[1:-1] for letter in hidden}).encode() + b"\n"


def _marks(ledger: Ledger, person: Person) -> Iterator[MarkRecord]:
    for section in ledger.sections:
        entry = ledger.entry(person, section)
        yield MarkRecord(
            section.id,
            entry.points,
            entry.max_points,
            str(entry.why) if entry.why else None,
            entry.days_late,
            list(entry.remarks),
            entry.attempts,
            ledger.report(entry, section),
        )


EXPORTER = Exporter(
    "json", "Write everything, with the Reports, for programs.", lambda ledger: Export(class_json(ledger))
)
