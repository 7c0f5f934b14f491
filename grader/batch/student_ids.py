"""Find students by their ids. The same number may be an id of Canvas, of Moodle and of the university."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

ANYWHERE = ""  # a generic id, or an id of an unknown system
UNIVERSITY = "university"  # student numbers and logins
# Columns of a roster that several students have in common.
NO_IDS = frozenset({"leaderboard", "group", "team", "canvas_section"})
_OWN = {
    "canvas": re.compile(r"canvas(_id|_user_id|_section\d\w*)?"),
    "moodle": re.compile(r"moodle(_id|_section\w*)?|participant(_id)?"),
}


def column_name(title: str) -> str:
    """A normalized name of a column: "Canvas ID" becomes canvas_id."""
    return re.sub(r"[\s-]+", "_", title.strip().lower())


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
