"""`roster.csv`: who is in the class, and by which ids the systems know them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.tables import read_table
from grader.course import UsageError
from grader.toolkit.text import one_line

FILENAME = "roster.csv"
LEADERBOARD = "leaderboard"  # "yes" for who wants to be named there
NO_IDS = frozenset({LEADERBOARD, "group"})  # columns that are the same for several students
_EXPECTED = "Expected a first line with the columns id and name; every other column may hold another id of the student"


@dataclass(frozen=True)
class Student:
    """One person of the class. `ids` are the other columns: but for a few, names under which a submission may come."""

    id: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All that a submission of this student may be called by."""
        return names_of(self.id, self.ids)

    def numbers(self, system: str, otherwise: str) -> list[str]:
        """What a system calls this student, by columns such as canvas_id or moodle_section4."""
        own = re.compile(rf"{system}(_id|_section\w*)?")
        found = [_folded(one) for column, one in self.ids.items() if system and own.fullmatch(column)]
        return found or [otherwise]


class Roster:
    """The students of a class, found by any of their ids."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = {student.id: student for student in students}
        self._by_id: dict[str, Student] = {}
        for student in self.students.values():
            for one in student.names:
                other = self._by_id.setdefault(_folded(one), student)
                if other is not student:
                    raise UsageError(
                        f"{FILENAME}: {_shown(one)} is an id of {_shown(other.id)} and of {_shown(student.id)}."
                    )

    def find(self, keys: Iterable[str], system: str = "") -> Student | None:
        """The student whom the first known of some ids belongs to.

        A number that a `system` gave is nobody's whom the roster knows by another number of that system.
        """
        for key in map(_folded, keys):
            student = self._by_id.get(key)
            if student is not None and key in student.numbers(system, key):
                return student
        return None


def read_roster(path: Path) -> Roster:
    """Read a roster, or raise UsageError with the line that cannot be used."""
    rows = read_table(path, _EXPECTED)
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "id" not in header or "name" not in header or len(set(header)) < len(header):
        found = ", ".join(map(_shown, header)) or "nothing"
        raise UsageError(f"{_shown(str(path))}: its first line says {found}. {_EXPECTED}.")
    return Roster(_students(path, header, rows[1:]))


def _students(path: Path, header: list[str], rows: list[list[str]]) -> list[Student]:
    found: dict[str, Student] = {}
    for number, row in enumerate(rows, 2):
        cells = {column: cell.strip() for column, cell in zip(header, row, strict=False) if cell.strip()}
        if not cells:
            continue
        one = Student(_shown(cells.pop("id", "")), _shown(cells.pop("name", "")), cells)
        if not one.id:
            raise UsageError(f"{_shown(str(path))}, line {number}: there is no id.")
        if one.id in found:
            raise UsageError(f"{_shown(str(path))}, line {number}: {one.id} is there already.")
        found[one.id] = one
    return list(found.values())


def names_of(id: str, ids: Mapping[str, str]) -> list[str]:
    """The ids of somebody: not every column of a roster holds one."""
    return [id, *(name for column, name in ids.items() if column not in NO_IDS)]


def _folded(key: str) -> str:
    return key.strip().casefold()


def _shown(text: str) -> str:
    return one_line(text, 100)
