"""The grading worksheet of a Moodle assignment: its students, the times of their hand-ins, and the maximum.

Titles and texts follow `mod/assign/gradingtable.php` and `mod/assign/lang/en/assign.php` of Moodle, and its German language pack.
Upper and lower case are one: Moodle's English file has both "Maximum grade" and "Maximum Grade".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.batch.platform_maximum import number_in
from grader.course import UsageError
from grader.toolkit.text import one_line

_TITLES = {
    "number": ("identifier", "id"),
    "name": ("full name", "vollständiger name"),
    "idnumber": ("id number", "id-nummer"),
    "username": ("username", "anmeldename"),
    "email": ("email address", "e-mail-adresse"),
    "status": ("status",),
    "team": ("group", "gruppe"),
    "grade": ("grade", "bewertung"),
    "maximum": ("maximum grade", "bestwertung"),
    "changeable": ("grade can be changed", "bewertung kann geändert werden"),
    "submitted": ("last modified (submission)", "zuletzt geändert (abgabe)"),
    "graded": ("last modified (grade)", "zuletzt geändert (bewertung)"),
    "comments": ("feedback comments", "feedback als kommentar"),
}
_NEEDED = ("number", "grade", "maximum", "graded")
EXPECTED = (
    "Expected the grading worksheet of an assignment, with Moodle in English or German: the columns "
    "Identifier, Grade, Maximum Grade, Last modified (grade)"
)
_NO = frozenset({"no", "nein"})
_LATE = re.compile(r"(?:^|- )([^-]*?) (?:late|zu spät)(?: -|$)")
_EXTENDED = re.compile(r"extension granted until|verlängertes abgabeende bis|erweiterung der abgabe möglich bis", re.I)
_SECONDS = {"year": 31_536_000, "jahr": 31_536_000, "week": 604_800, "woche": 604_800, "day": 86_400, "tag": 86_400}
_SECONDS |= {"hour": 3600, "stunde": 3600, "min": 60, "sec": 1, "sek": 1}
_MONTHS = (
    ("jan",), ("feb",), ("mar", "mär"), ("apr",), ("may", "mai"), ("jun",),
    ("jul",), ("aug",), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez"),
)  # fmt: skip
_DATE = re.compile(  # the American pack has the month first
    r"(?:(?P<day>\d{1,2})\.? (?P<month>\w{3})\w*\.?|(?P<first>\w{3})\w*\.? (?P<second>\d{1,2}),) (?P<year>\d{4}),? "
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?: (?P<half>[AP])M)?",
    re.I,
)


@dataclass(frozen=True)
class WorksheetRow:
    """A participant. `number` holds for this assignment only.

    `submitted` has no zone: it is in that of the person who downloaded the worksheet. `late_by` is the time after Moodle's own
    deadline of this participant. `extended`: this deadline is later than that of others.
    """

    number: str
    name: str
    ids: dict[str, str]
    submitted: datetime | None
    late_by: timedelta | None
    locked: bool
    extended: bool = False


class Worksheet:
    """A worksheet with its columns."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        """Raises UsageError if the table is not a worksheet."""
        header = [cell.strip().casefold() for cell in rows[0]] if rows else []
        self._places = {
            key: next((header.index(title) for title in titles if title in header), None)
            for key, titles in _TITLES.items()
        }
        if any(self._places[key] is None for key in _NEEDED):
            shown = one_line(", ".join(rows[0][:4])) if rows else "nothing"
            raise UsageError(f"The first line begins with {shown or 'nothing'}. {EXPECTED}.")
        self.width = len(header)

    def place(self, key: str) -> int | None:
        """The column of a key of `_TITLES`."""
        return self._places[key]

    def needed(self, key: str) -> int:
        """The column of a key that every worksheet has."""
        place = self._places[key]
        assert place is not None
        return place

    def cell(self, row: Sequence[str], key: str) -> str:
        """The text of a cell; "" if the worksheet or the row has none."""
        place = self._places[key]
        return row[place].strip() if place is not None and place < len(row) else ""

    def read(self, row: Sequence[str]) -> WorksheetRow:
        """The values of a row."""
        ids = {key: value for key in ("idnumber", "username", "email") if (value := self.cell(row, key))}
        if team := self.cell(row, "team"):
            ids["group"] = team
        return WorksheetRow(
            re.sub(r"\D", "", self.cell(row, "number")),
            self.cell(row, "name"),
            ids,
            moment_in(self.cell(row, "submitted")),
            lateness_in(self.cell(row, "status")),
            self.cell(row, "changeable").casefold() in _NO,
            _EXTENDED.search(self.cell(row, "status")) is not None,
        )

    def maximum(self, row: Sequence[str]) -> float | None:
        """The maximum that a row names; None if the cell is no number."""
        return number_in(self.cell(row, "maximum"))


def lateness_in(status: str) -> timedelta | None:
    """The time after the deadline in a status such as "Submitted for grading - 1 day 2 hours late"."""
    found = _LATE.search(status)
    if found is None:
        return None
    seconds = 0
    for number, unit in re.findall(r"(\d+) (\w+)", found[1]):
        seconds += int(number[:9]) * next((size for word, size in _SECONDS.items() if unit.lower().startswith(word)), 0)
    return timedelta(seconds=max(1, seconds))


def moment_in(text: str) -> datetime | None:
    """A time as Moodle writes it: "Monday, 2 November 2026, 10:00 AM" or "Montag, 2. November 2026, 10:00"; else None."""
    found = _DATE.search(" ".join(text.split()))  # newer servers write narrow blanks
    if found is None:
        return None
    month = (found["month"] or found["first"]).lower()
    number = next((place for place, words in enumerate(_MONTHS, 1) if month in words), None)
    day, year, hour, minute = (
        int(found["day"] or found["second"]),
        *(int(found[key]) for key in ("year", "hour", "minute")),
    )
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].upper() == "P" else 0)
    try:
        return None if number is None else datetime(year, number, day, hour, minute)
    except ValueError:
        return None
