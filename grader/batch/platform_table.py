"""The students of a class from the table that a learning platform exports: `grade class --like FILE`.

A grading worksheet of Moodle, a gradebook of Canvas (columns of its lib/gradebook_exporter.rb), or a roster or the scores of
Gradescope. Upper and lower case are one in all titles.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from grader.batch.csv_reader import read_table
from grader.batch.moodle_worksheet import Worksheet
from grader.batch.platform_maximum import PlatformMaximum, columns_of, number_in
from grader.batch.roster import ANYWHERE, NO_IDS, Roster, Student, folded, ids_of, system_of
from grader.batch.times import Came
from grader.course import UsageError
from grader.section import Section
from grader.submission.formats import MIB
from grader.toolkit.text import one_line

_EXPECTED = "Expected a grading worksheet of Moodle, a gradebook of Canvas, or a roster of Gradescope"
_CANVAS_IDS = {
    "id": "canvas_id",
    "sis user id": "sis_user_id",
    "sis login id": "sis_login_id",
    "section": "canvas_section",
}
_LARGEST = 16 * MIB
TEST_STUDENT = "Student, Test"  # of Canvas's student view


@dataclass(frozen=True)
class _Person:
    """A row of a table: ids to choose from, the best first, the name, all ids by column, and when a hand-in came."""

    candidates: tuple[str, ...]
    name: str
    ids: Mapping[str, str]
    came: Came | None = None


Cells = Mapping[str, str]  # by the title in lower case


def is_platform_table(path: Path) -> bool:
    """Whether a file among the submissions is a table of a platform."""
    try:
        rows = read_table(path, _EXPECTED) if path.stat().st_size <= _LARGEST else []
        return bool(rows) and (_is_canvas(titles := _titles(rows)) or _is_gradescope(titles) or bool(Worksheet(rows)))
    except (UsageError, OSError):
        return False


@dataclass
class PlatformTable:
    """The students, what the platform says about the time of their hand-ins, by student, and its maxima for the sections."""

    students: list[Student] = field(default_factory=list)
    told: dict[str, Came] = field(default_factory=dict)
    maxima: list[PlatformMaximum] = field(default_factory=list)


def read_platform_table(path: Path, sections: Sequence[Section], known: Sequence[Section] = ()) -> PlatformTable:
    """Read a table of any platform. Raises UsageError if it is none, or if it is for one section and several are asked for.

    `sections` are asked for, out of those that are `known`; () if none is named.
    """
    rows, shown = read_table(path, _EXPECTED), one_line(str(path), 100)
    titles = _titles(rows)
    if _is_canvas(titles):
        maxima = _points_possible(rows, titles.index("section") + 1, sections or known)
        return _table(_from(rows, titles, _canvas), maxima)
    if _is_gradescope(titles):
        return _table(_from(rows, titles, _gradescope))
    try:
        sheet = Worksheet(rows)
    except UsageError:
        first = one_line(", ".join(rows[0][:4]), 100) if rows else ""
        raise UsageError(f"{shown}: its first line begins with {first or 'nothing'}. {_EXPECTED}.") from None
    if len(sections) != 1:
        raise UsageError(f"{shown}: a grading worksheet is for one assignment: name its section with --section")
    return _moodle(sheet, rows[1:], sections[0])


def _titles(rows: Sequence[Sequence[str]]) -> list[str]:
    return [cell.strip().casefold() for cell in rows[0]] if rows else []


def _is_canvas(titles: Sequence[str]) -> bool:
    return {"id", "section"} <= {*titles} and not {"student", "lastname"}.isdisjoint(titles)


def _is_gradescope(titles: Sequence[str]) -> bool:
    return {"sid", "email"} <= {*titles}


def with_roster(table: PlatformTable, roster: Roster) -> PlatformTable:
    """The students of both. A student in both gets the roster's id and columns, such as the team."""
    found, met = PlatformTable(maxima=table.maxima), set[str]()
    for student in table.students:
        keys = [(student.id, ANYWHERE)]
        keys += [(value, system_of(column)) for column, value in student.ids.items() if column not in NO_IDS]
        own = next((one for key, system in keys if (one := roster.find([key], system))), None)
        one = student
        if own is not None and own.id not in met:
            ids = {**student.ids, **own.ids} | ({} if own.id == student.id else {"platform_id": student.id})
            one = Student(own.id, own.name or student.name, ids)
        met.add(one.id)
        found.students.append(one)
        if student.id in table.told:
            found.told[one.id] = table.told[student.id]
    found.students += [one for one in roster.students.values() if one.id not in met]
    return found


def with_former_ids(table: PlatformTable, former: Sequence[Student]) -> PlatformTable:
    """The table with the ids by which a gradebook knows its students: during a term, a platform may get a better id of one.

    A participant number of Moodle, which another student may have later, identifies no one.
    """
    holders = defaultdict[tuple[str, str], set[str]](set)
    for one in former:
        if one.id not in (value for column, value in one.ids.items() if column.startswith("moodle_")):
            for key in _stable_ids(one):
                holders[key].add(one.id)
    names = {folded(one.id): one.id for one in former}
    here = {names.get(folded(one.id), one.id) for one in table.students}
    claimed: dict[str, str] = {}
    for student in table.students:
        found = set[str]().union(*(holders[key] for key in _stable_ids(student))) - here
        if folded(student.id) not in names and len(found) == 1:
            claimed[student.id] = found.pop()
    claims = Counter(claimed.values())
    ids = {id: known for id, known in claimed.items() if claims[known] == 1}
    students = [
        Student(ids[one.id], one.name, {**one.ids, "platform_id": one.id}) if one.id in ids else one
        for one in table.students
    ]
    return PlatformTable(students, {ids.get(id, id): one for id, one in table.told.items()}, table.maxima)


def _stable_ids(student: Student) -> Iterator[tuple[str, str]]:
    """The ids that a student keeps from one table to the next, each with its system."""
    for key, system in ids_of(student.id, student.ids, ()):
        yield system, folded(key)


def _moodle(sheet: Worksheet, rows: Sequence[Sequence[str]], section: Section) -> PlatformTable:
    """The participants. Their numbers hold for this assignment only; another id stays the same."""
    people, maxima = [], []
    for cells in rows:
        row = sheet.read(cells)
        if not row.number:
            continue
        if (points := sheet.maximum(cells)) is not None:
            maxima.append(PlatformMaximum(section, points))
        ids = {key: value for key, value in row.ids.items() if key != "group"}
        candidates = [row.ids.get(key, "") for key in ("idnumber", "username", "email")]
        moment = row.submitted.astimezone() if row.submitted else None
        late = max(1, int(row.late_by.total_seconds())) if row.late_by else 0
        came = Came(moment, "platform" if moment else "", late, row.extended)
        candidates += [row.number, f"participant {row.number}"]
        people.append(_Person(tuple(candidates), row.name, ids | {f"moodle_{section.id}": row.number}, came))
    return _table(people, maxima)


def _from(
    rows: Sequence[Sequence[str]], titles: Sequence[str], person_of: Callable[[Cells], _Person | None]
) -> list[_Person]:
    read = [dict(zip(titles, (cell.strip() for cell in row), strict=False)) for row in rows[1:]]
    return [person for cells in read if (person := person_of(cells))]


def _table(people: Iterable[_Person], maxima: Iterable[PlatformMaximum] = ()) -> PlatformTable:
    """The students. No student is found by an id that several people share, but by another one."""
    found = PlatformTable(maxima=list(maxima))
    primary: dict[str, _Person] = {}
    for person in {(one.candidates, one.name): one for one in people}.values():  # Canvas may list a person twice
        id = next((one for one in person.candidates if one and one.casefold() not in primary), "")
        if id:
            primary[id.casefold()] = person
            found.students.append(Student(one_line(id, 100), one_line(person.name, 100)))
    holders = Counter(key for person in primary.values() for key in {*_keys(person)})
    for place, person in enumerate(primary.values()):
        student = found.students[place]
        ids = {
            column: one_line(value, 100)
            for column, value in person.ids.items()
            if column in NO_IDS
            or (
                holders[system_of(column), value.casefold()] == 1
                and (system_of(column) != ANYWHERE or value.casefold() not in primary)
            )
        }
        found.students[place] = replace(student, ids=ids)
        if person.came is not None:
            found.told[student.id] = person.came
    return found


def _keys(person: _Person) -> Iterator[tuple[str, str]]:
    for column, value in person.ids.items():
        yield system_of(column), value.casefold()


def _canvas(cells: Cells) -> _Person | None:
    name = cells.get("student") or ", ".join(filter(None, (cells.get("lastname"), cells.get("firstname"))))
    if not cells.get("id", "").isdecimal() or name == TEST_STUDENT:
        return None  # the rows above the students
    ids = {column: cells[title] for title, column in _CANVAS_IDS.items() if cells.get(title)}
    return _Person(tuple(cells.get(title, "") for title in ("sis user id", "sis login id", "id")), name, ids)


def _gradescope(cells: Cells) -> _Person | None:
    if cells.get("role", "student").casefold() != "student":
        return None
    name = cells.get("name") or " ".join(filter(None, (cells.get("first name"), cells.get("last name"))))
    moment, late = _moment(cells.get("submission time", "")), _lateness(cells.get("lateness (h:m:s)", ""))
    ids = {column: cells[column] for column in ("sid", "email") if cells.get(column)}
    came = Came(moment, "platform" if moment else "", late) if moment or late else None
    return _Person((cells.get("sid", ""), cells.get("email", "")), name, ids, came)


def _points_possible(
    rows: Sequence[Sequence[str]], first: int, sections: Sequence[Section]
) -> Iterator[PlatformMaximum]:
    """The points of the columns that name a section. A section with several such columns is left to the export."""
    worth = next((row for row in rows if row and "points possible" in row[0].casefold()), ())
    for section in sections:
        places = columns_of(section, rows[0], range(first, min(len(rows[0]), len(worth))))
        if len(places) == 1 and (points := number_in(worth[places[0]])) is not None:
            yield PlatformMaximum(section, points, rows[0][places[0]])


def _lateness(text: str) -> int:
    """Seconds in the hours, minutes and seconds of Gradescope: "26:15:03"."""
    found = re.fullmatch(r"(\d{1,6}):(\d\d):(\d\d)", text)
    return sum(int(part) * size for part, size in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0


def _moment(text: str) -> datetime | None:
    """A time as Gradescope writes it: "2026-11-20 22:15:03 -0800"."""
    try:
        moment = datetime.fromisoformat("".join(text.rsplit(" ", 1)) if text.count(" ") == 2 else text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
