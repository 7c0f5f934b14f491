"""The students of a class: `roster.csv`, their ids in other systems, and whose a file is by `grade assign FILE STUDENT`.

The same number may be an id of Canvas, of Moodle and of the university.
"""

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.csv_reader import column_name, read_table
from grader.course import UsageError
from grader.toolkit.text import one_line

ANYWHERE = ""  # a generic id, or an id of an unknown system
UNIVERSITY = "university"  # student numbers and logins
# Columns of a roster that several students have in common.
NO_IDS = frozenset({"leaderboard", "group", "team", "canvas_section"})
_OWN = {
    "canvas": re.compile(r"canvas(_id|_user_id|_section\d\w*)?"),
    "moodle": re.compile(r"moodle(_id|_section\w*)?|participant(_id)?"),
}
FILENAME = "roster.csv"
TEAM = "team"  # a column: students with the same word in it hand in together
LEADERBOARD = "leaderboard"  # a column: "yes" if the student agrees to be named there
_EXPECTED = "Expected a first line with the columns id and name; every other column may hold another id of the student"


def system_of(column: str) -> str:
    """The system whose ids are in a column of a roster."""
    return next((system for system, own in _OWN.items() if own.fullmatch(column_name(column))), ANYWHERE)


def ids_of(id: str, columns: Mapping[str, str], sections: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    """The ids of a student, each with its system. Not every column of a roster holds an id.

    A column such as moodle_sectionN counts if its section is one of `sections`: Moodle's numbers differ between assignments.
    """
    yield id, ANYWHERE
    for column, one in columns.items():
        name = column_name(column)
        if name not in NO_IDS and (sections is None or _section_of(name) in {"", *sections}):
            yield one, system_of(name)


def _section_of(column: str) -> str:
    found = re.fullmatch(r"moodle_(section\w*)", column)
    return found[1] if found else ""


class StudentIds:
    """The ids of a class. The column `id` of the roster names a student here."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], str] = {}
        self._numbered: set[tuple[str, str]] = set()  # students with an id of a system

    def add(self, key: str, student: str, system: str = ANYWHERE) -> str:
        """Add an id. Returns its student: the first, if two have the same id."""
        self._numbered.add((system, student))
        return self._owners.setdefault((system, folded(key)), student)

    def own(self, key: str, system: str) -> str | None:
        """The student with this id of a system."""
        return self._owners.get((system, folded(key)))

    def find(self, keys: Iterable[str], system: str = ANYWHERE) -> str | None:
        """The student of the first known id, among ids that a `system` uses.

        A generic id does not match a student who already has another id in this system, or who has this id in another one.
        """
        return next((found for key in keys if (found := self._find(key, system))), None)

    def _find(self, key: str, system: str) -> str | None:
        if found := self.own(key, system):
            return found
        if system != ANYWHERE:
            found = self.own(key, ANYWHERE)
            return found if (system, found) not in self._numbered else None
        several = {self.own(key, one) for one in _OWN} - {None}
        return several.pop() if len(several) == 1 else None


def folded(key: str) -> str:
    """An id as it is compared: upper and lower case are one, and some programs write umlauts as two characters."""
    return unicodedata.normalize("NFC", key.strip()).casefold()


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


@dataclass(frozen=True)
class Assigned:
    """The file or folder at `path` is of `student`, and for `section` unless that is ""."""

    path: Path
    student: str
    section: str = ""


@dataclass(frozen=True)
class Assignments:
    """All of them, by the real path."""

    found: Mapping[str, Assigned] = field(default_factory=dict)

    def of(self, entry: Path) -> Assigned | None:
        """The student of an entry as a whole."""
        return self.found.get(str(entry.resolve())) if self.found else None

    def inside(self, entry: Path) -> list[Assigned]:
        """The files in an entry that are assigned, such as one for each of several sections."""
        if not self.found:
            return []
        within = str(entry.resolve()) + os.sep
        return [self.found[path] for path in sorted(self.found) if path.startswith(within)]
