"""The students of a class from the table that a learning platform exports: `grade class --like FILE`.

A grading worksheet of Moodle, a gradebook of Canvas (columns of its lib/gradebook_exporter.rb), or a roster or the scores of
Gradescope. Upper and lower case are one in all titles.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.batch.csv_reader import read_table
from grader.batch.moodle_worksheet import Worksheet
from grader.batch.roster import Student
from grader.batch.times import Came
from grader.course import Section, UsageError
from grader.toolkit.text import one_line

_EXPECTED = "Expected a grading worksheet of Moodle, a gradebook of Canvas, or a roster of Gradescope"
_CANVAS_IDS = {
    "id": "canvas_id",
    "sis user id": "sis_user_id",
    "sis login id": "sis_login_id",
    "section": "canvas_section",
}
_TEST_STUDENT = "Student, Test"  # of Canvas's student view

Cells = Mapping[str, str]  # by the title in lower case


@dataclass
class PlatformTable:
    """The students, and what the platform says about the time of their hand-ins, by student."""

    students: list[Student] = field(default_factory=list)
    told: dict[str, Came] = field(default_factory=dict)


def read_platform_table(path: Path, sections: Sequence[Section]) -> PlatformTable:
    """Read a table of any platform. Raises UsageError if it is none, or if it is for one section and several are asked for."""
    rows, shown = read_table(path, _EXPECTED), one_line(str(path), 100)
    titles = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if {"id", "section"} <= {*titles} and {"student", "lastname"} & {*titles}:
        return _from(rows, titles, _canvas)
    if {"sid", "email"} <= {*titles}:
        return _from(rows, titles, _gradescope)
    try:
        sheet = Worksheet(rows)
    except UsageError:
        first = one_line(", ".join(rows[0][:4]), 100) if rows else ""
        raise UsageError(f"{shown}: its first line begins with {first or 'nothing'}. {_EXPECTED}.") from None
    if len(sections) != 1:
        raise UsageError(f"{shown}: a grading worksheet is for one assignment: name its section with --section")
    return _moodle(sheet, rows[1:], sections[0])


def _moodle(sheet: Worksheet, rows: Sequence[Sequence[str]], section: Section) -> PlatformTable:
    """The participants. Their numbers hold for this assignment only; another id stays the same."""
    found = PlatformTable()
    taken: set[str] = set()
    for cells in rows:
        row = sheet.read(cells)
        candidates = [row.ids.get("idnumber"), row.ids.get("username"), row.ids.get("email"), row.number]
        student = next((one for one in candidates if one and one.casefold() not in taken), "")
        if not student:
            continue
        taken.add(student.casefold())
        ids = {key: value for key, value in row.ids.items() if key != "group" and value != student}
        ids |= {f"moodle_{section.id}": row.number}
        one = Student(one_line(student, 100), one_line(row.name, 100), ids)
        found.students.append(one)
        moment = row.submitted.astimezone() if row.submitted else None
        late = max(1, int(row.late_by.total_seconds())) if row.late_by else 0
        found.told[one.id] = Came(moment, "platform" if moment else "", late)
    return found


def _from(
    rows: Sequence[Sequence[str]], titles: Sequence[str], student_of: Callable[[Cells], Student | None]
) -> PlatformTable:
    found = PlatformTable()
    for row in rows[1:]:
        cells = {title: cell.strip() for title, cell in zip(titles, row, strict=False)}
        student = student_of(cells)
        if student is None or any(one.id == student.id for one in found.students):
            continue
        found.students.append(student)
        if moment := _moment(cells.get("submission time", "")):
            found.told[student.id] = Came(moment, "platform")
    return found


def _canvas(cells: Cells) -> Student | None:
    name = cells.get("student") or ", ".join(filter(None, (cells.get("lastname"), cells.get("firstname"))))
    if not cells.get("id", "").isdecimal() or name == _TEST_STUDENT:
        return None  # the rows above the students
    ids = {column: cells[title] for title, column in _CANVAS_IDS.items() if cells.get(title)}
    student = cells.get("sis user id") or cells.get("sis login id") or cells["id"]
    return _student(student, name, ids)


def _gradescope(cells: Cells) -> Student | None:
    student = cells.get("sid") or cells.get("email")
    if not student or cells.get("role", "student").casefold() != "student":
        return None
    name = cells.get("name") or " ".join(filter(None, (cells.get("first name"), cells.get("last name"))))
    return _student(student, name, {"email": cells["email"]} if cells.get("email") else {})


def _student(id: str, name: str, ids: Mapping[str, str]) -> Student:
    others = {column: one_line(value, 100) for column, value in ids.items() if value != id or column == "canvas_id"}
    return Student(one_line(id, 100), one_line(name, 100), others)


def _moment(text: str) -> datetime | None:
    """A time as Gradescope writes it: "2026-11-20 22:15:03 -0800"."""
    try:
        moment = datetime.fromisoformat("".join(text.rsplit(" ", 1)) if text.count(" ") == 2 else text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
