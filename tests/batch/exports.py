"""Exports of learning platforms, as their source writes them. Only the formats are theirs: names and contents are made up.

Moodle 4.x: mod/assign/gradingtable.php (columns, statuses), mod/assign/lang/en/assign.php and the German pack (titles),
mod/assign/locallib.php and submission/file (names in the download). Moodle writes a byte order mark, and dates by userdate().
"""

import csv
import io
from collections.abc import Mapping, Sequence

# gradingtable.php: the columns of a download, in this order; the key 'maxgrade' is there twice in assign.php, the second counts
_ENGLISH = (
    "Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed",
    "Last modified (submission)", "Online text", "Last modified (grade)", "Feedback comments",
)  # fmt: skip
_GERMAN = (
    "ID", "Vollständiger Name", "ID-Nummer", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung",
    "Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)", "Texteingabe online", "Zuletzt geändert (Bewertung)",
    "Feedback als Kommentar",
)  # fmt: skip
_TEXTS = {
    "en": ("Participant ", "Yes", "No", "No submission", "Submitted for grading", " - {} late"),
    "de": ("Teilnehmer/in", "Ja", "Nein", "Keine Abgabe", "Zur Bewertung abgegeben", " - {} zu spät"),
}


def csv_of(rows: Sequence[Sequence[object]]) -> str:
    page = io.StringIO(newline="")
    csv.writer(page, lineterminator="\n").writerows(rows)
    return page.getvalue()


def worksheet(people: Sequence[Mapping[str, str]], maximum: str = "5.00", language: str = "en") -> str:
    """A grading worksheet. Keys of a person: number, name, id, email, submitted, late, grade, locked, comment, online."""
    participant, yes, no, nothing, submitted, late = _TEXTS[language]
    maximum = maximum if language == "en" else maximum.replace(".", ",")
    rows: list[Sequence[str]] = [_ENGLISH if language == "en" else _GERMAN]
    for one in people:
        status = submitted if one.get("submitted") else nothing
        status += late.format(one["late"]) if one.get("late") else ""
        rows.append([
            participant + one["number"], one.get("name", ""), one.get("id", ""), one.get("email", ""), status,
            one.get("grade", ""), maximum, no if one.get("locked") else yes, one.get("submitted") or "-",
            one.get("online", ""), "-", one.get("comment", ""),
        ])  # fmt: skip
    return csv_of(rows)
