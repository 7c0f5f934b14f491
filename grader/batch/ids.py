"""Whose an id is: a number of Canvas's is another thing than the same number of Moodle's, or of the university."""

import re
from collections.abc import Iterable, Iterator, Mapping

ANYWHERE = ""  # an id that is known everywhere, or was given by nobody knows whom
UNIVERSITY = "university"  # student numbers and logins, which no system has made up itself
# Columns of a roster that several students have in common.
NO_IDS = frozenset({"leaderboard", "group", "canvas_section"})
_OWN = {
    "canvas": re.compile(r"canvas(_id|_user_id|_section\d\w*)?"),
    "moodle": re.compile(r"moodle(_id|_section\w*)?|participant(_id)?"),
}


def column_name(title: str) -> str:
    """A roster's column in one way of writing: "Canvas ID" is canvas_id."""
    return re.sub(r"[\s-]+", "_", title.strip().lower())


def system_of(column: str) -> str:
    """The system whose own numbers of students a roster's column holds."""
    return next((system for system, own in _OWN.items() if own.fullmatch(column_name(column))), ANYWHERE)


def ids_of(id: str, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a student may be called by, and the system that calls them so: not every column of a roster holds an id."""
    yield id, ANYWHERE
    yield from ((one, system_of(column)) for column, one in columns.items() if column_name(column) not in NO_IDS)


class Ids:
    """The ids of a class, and whose they are: each student by the one id that we use."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, str], str] = {}
        self._numbered: set[tuple[str, str]] = set()  # who is known to have a number of a system

    def add(self, key: str, student: str, system: str = ANYWHERE) -> str:
        """Note an id. Returns whose it is: of two who have the same, the first."""
        self._numbered.add((system, student))
        return self._owners.setdefault((system, _folded(key)), student)

    def own(self, key: str, system: str) -> str | None:
        """Who has this number of a system's own."""
        return self._owners.get((system, _folded(key)))

    def find(self, keys: Iterable[str], system: str = ANYWHERE) -> str | None:
        """The student whom the first known of some ids belongs to, which a `system` uses.

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


def _folded(key: str) -> str:
    return key.strip().casefold()
