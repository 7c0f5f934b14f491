"""Exports of learning platforms, as their source writes them. Only the formats are theirs: names and contents are made up.

Moodle 4.x: mod/assign/gradingtable.php (columns, statuses), mod/assign/lang/en/assign.php and the German pack (titles),
mod/assign/locallib.php (names in the download, with a folder for each plugin). Moodle writes dates by userdate().
Canvas (2023): lib/content_zipper.rb, get_filename and add_upload_submission: the sortable name in lower case, LATE, the user's
number, the attachment's number, the name of the file; resubmitted files have -1, -2 behind their stem.
Gradescope: an export has a folder for each submission, and submission_metadata.yml with Ruby's symbols as keys.
GitHub Classroom: `gh classroom clone student-repos` makes ASSIGNMENT-submissions/ASSIGNMENT-USER.
nbgrader: submitted/STUDENT/ASSIGNMENT, with timestamp.txt (nbgrader/exchange/default/submit.py).
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence

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
    """A grading worksheet. Keys of a person: number, name, id, email, submitted, late, extended, grade, locked,
    comment, online."""
    participant, yes, no, nothing, submitted, late = _TEXTS[language]
    maximum = maximum if language == "en" else maximum.replace(".", ",")
    rows: list[Sequence[str]] = [_ENGLISH if language == "en" else _GERMAN]
    for one in people:
        status = submitted if one.get("submitted") else nothing
        status += late.format(one["late"]) if one.get("late") else ""
        status += f" - Extension granted until: {one['extended']}" if one.get("extended") else ""
        rows.append([
            participant + one["number"], one.get("name", ""), one.get("id", ""), one.get("email", ""), status,
            one.get("grade", ""), maximum, no if one.get("locked") else yes, one.get("submitted") or "-",
            one.get("online", ""), "-", one.get("comment", ""),
        ])  # fmt: skip
    return csv_of(rows)


Files = Mapping[str, bytes]  # of one hand-in


def moodle(people: Mapping[str, Files]) -> dict[str, bytes]:
    """A download in folders. Numbers of participants start at 1."""
    return {
        f"{student.title()} Person_{number}_assignsubmission_file_/{name}": data
        for number, (student, files) in enumerate(people.items(), 1)
        for name, data in files.items()
    }


def canvas(people: Mapping[str, Files]) -> dict[str, bytes]:
    """A flat download: an attachment lies in no folder."""
    found, attachment = {}, 70000
    for number, (student, files) in enumerate(people.items(), 30001):
        for name, data in files.items():
            attachment += 1
            shown = re.sub(r"[\x00/\\:*?\"<>|]+", "_", name)
            found[f"person{student}_{number}_{attachment}_{shown}"] = data
    return found


def gradescope(people: Mapping[str, Files]) -> dict[str, bytes]:
    found, entries = {}, []
    for number, (student, files) in enumerate(people.items(), 1):
        entries.append(
            f"submission_{number}:\n  :submitters:\n  - :name: {student}\n    :sid: {student}\n    :email: {student}@uni\n"
            "  :created_at: 2026-11-20 22:15:03.482000000 Z\n  :score: 0.0\n  :status: processed\n"
        )
        found |= {f"assignment_5_export/submission_{number}/{name}": data for name, data in files.items()}
    return found | {"assignment_5_export/submission_metadata.yml": "".join(entries).encode()}


def github(people: Mapping[str, Files]) -> dict[str, bytes]:
    found = {}
    for student, files in people.items():
        clone = f"hw-submissions/hw-{student}"
        found |= {f"{clone}/.git/HEAD": b"ref: refs/heads/main"} | {
            f"{clone}/{name}": data for name, data in files.items()
        }
    return found


def nbgrader(people: Mapping[str, Files]) -> dict[str, bytes]:
    found = {}
    for student, files in people.items():
        found |= {f"{student}/hw/{name}": data for name, data in files.items()}
        found[f"{student}/hw/timestamp.txt"] = b"2026-11-20 22:15:03.482000 UTC"
    return found


SYSTEMS: Mapping[str, Callable[[Mapping[str, Files]], dict[str, bytes]]] = {
    "moodle": moodle, "canvas": canvas, "gradescope": gradescope, "github": github, "nbgrader": nbgrader,
}  # fmt: skip
