"""`roster.csv`: the students of a class, and their ids in other systems."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.csv_reader import read_table
from grader.batch.student_ids import ANYWHERE, StudentIds, ids_of
from grader.course import UsageError
from grader.toolkit.text import one_line

FILENAME = "roster.csv"
TEAM = "team"  # a column: students with the same word in it hand in together
LEADERBOARD = "leaderboard"  # a column: "yes" if the student agrees to be named there
_EXPECTED = "Expected a first line with the columns id and name; every other column may hold another id of the student"


@dataclass(frozen=True)
class Student:
    """A student. `ids` are the other columns; most are ids that a hand-in may name."""

    id: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)


class Roster:
    """The students of a class, found by any of their ids, of those that a system gives for a section by those of `sections`."""

    def __init__(self, students: Iterable[Student], sections: Collection[str] | None = None) -> None:
        self.students = {student.id: student for student in students}
        self._ids = StudentIds()
        for student in self.students.values():
            for one, system in ids_of(student.id, student.ids, sections):
                other = self._ids.add(one, student.id, system)
                if other != student.id:
                    raise UsageError(
                        f"{FILENAME}: {_shown(one)} is an id of {_shown(other)} and of {_shown(student.id)}."
                    )

    def team_of(self, student: Student) -> list[Student]:
        """The students who hand in together, among them this one."""
        team = student.ids.get(TEAM, "").casefold()
        if not team:
            return [student]
        return [one for one in self.students.values() if one.ids.get(TEAM, "").casefold() == team]

    def find(self, keys: Iterable[str], system: str = ANYWHERE) -> Student | None:
        """The student with the first known id among `keys`, which are ids of `system`."""
        found = self._ids.find(keys, system)
        return None if found is None else self.students[found]


def read_roster(path: Path, sections: Collection[str] | None = None) -> Roster:
    """Read a roster. Raises UsageError with the unusable line."""
    rows = read_table(path, _EXPECTED)
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "id" not in header or "name" not in header or len(set(header)) < len(header):
        found = ", ".join(map(_shown, header)) or "nothing"
        raise UsageError(f"{_shown(str(path))}: its first line is {found}. {_EXPECTED}.")
    return Roster(_students(path, header, rows[1:]), sections)


def _students(path: Path, header: list[str], rows: list[list[str]]) -> list[Student]:
    found: dict[str, Student] = {}
    for number, row in enumerate(rows, 2):
        cells = {column: cell.strip() for column, cell in zip(header, row, strict=False) if cell.strip()}
        if not cells:
            continue
        one = Student(_shown(cells.pop("id", "")), _shown(cells.pop("name", "")), cells)
        if not one.id:
            raise UsageError(f"{_shown(str(path))}, line {number}: the id is missing.")
        if one.id in found:
            raise UsageError(f"{_shown(str(path))}, line {number}: {one.id} occurs twice.")
        found[one.id] = one
    return list(found.values())


def _shown(text: str) -> str:
    return one_line(text, 100)
