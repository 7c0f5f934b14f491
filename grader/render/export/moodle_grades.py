"""A class's marks for Moodle: `grade export moodle`.

Without `--like`, it is a table for "Grade import" (MoodleDocs): a form there asks which column identifies the student, and to
which grade item or feedback each other column belongs. With `--like`, it is the filled-in grading worksheet of an assignment, for
"Upload grading worksheet" (MoodleDocs, "Using Assignment", "Offline marking"). `batch/moodle_worksheet.py` knows its columns.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from grader.batch.class_command import again
from grader.batch.ledger import Entry, Ledger, Person, Why, reasons_of
from grader.batch.moodle_worksheet import EXPECTED, Worksheet, WorksheetRow
from grader.batch.platform_maximum import PlatformMaximum
from grader.batch.roster import ANYWHERE, UNIVERSITY
from grader.course import UsageError
from grader.render.export.cells import Cell, Verbatim, kept_cell, table
from grader.render.export.exporter import Export, Exporter
from grader.render.export.lms_table import COLUMN, LIKE, Filled, filled_in, id_of, stays, without_row
from grader.render.words import points, word_of
from grader.section import Section
from grader.toolkit.text import one_line

_OPTIONAL = {"Username": ("username", "moodle_username"), "Email address": ("email", "email_address", "mail")}
_IDNUMBER = ("idnumber", "id_number")
_NO_FILE = "no file graded"


def grades(ledger: Ledger, titles: Mapping[str, str]) -> bytes:
    """A row per student: the roster's ids, and a grade and feedback for each section."""
    optional = {name: names for name, names in _OPTIONAL.items() if any(id_of(one, names) for one in ledger.people)}
    header: list[Cell] = ["ID number", *optional, "Full name"]
    for section in ledger.sections:
        title = titles.get(section.id, section.title)
        header += [title, f"Feedback: {title}"]
    rows: list[list[Cell]] = [header]
    for person in ledger.people:
        number = person.id if person.system == ANYWHERE else None  # an id of another system is not a student number
        row: list[Cell] = [id_of(person, _IDNUMBER) or number]
        row += [id_of(person, names) or None for names in optional.values()]
        row.append(person.name)
        for section in ledger.sections:
            entry = ledger.entry(person, section)
            row += [entry.points, feedback(ledger, entry, section)]
        rows.append(row)
    return table(rows)


def feedback(ledger: Ledger, entry: Entry, section: Section) -> str:
    """The points of each exercise, and the effects of the policy, or why there is no mark. Moodle reads it as HTML.

    It begins with a word: a cell that began with the sign of an adjustment would get an apostrophe, which students would see.
    """
    if entry.why in (Why.UNREADABLE, Why.MISSING):
        return _escaped(reasons_of(entry))
    if entry.points is None:
        return ""
    report = ledger.report(entry, section)
    words = [
        f"{one.name}: {points(one.points)} / {points(one.max_points)}"
        + ("" if one.passed else f" ({word_of(one.status)})")
        for one in (report.for_student().exercises if report else ())
    ] or [_NO_FILE]
    return _escaped([*words, *filter(None, [entry.cause]), *entry.remarks])


def _escaped(parts: Iterable[str]) -> str:
    return html.escape("; ".join(map(one_line, parts)), quote=False)


def fill_worksheet(ledger: Ledger, rows: Sequence[Sequence[str]]) -> Filled:
    """A grading worksheet with the marks of one section; its other cells stay the same.

    Raises UsageError if the table is not a worksheet, has another maximum grade, or there are several sections.
    """
    sheet = Worksheet(rows)
    if len(ledger.sections) != 1:
        raise UsageError("A grading worksheet is for one assignment: name its section with --section")
    (section,) = ledger.sections
    grade, words = sheet.needed("grade"), sheet.place("comments")
    met: list[Person | None] = []
    found = Filled()
    written: list[list[Cell]] = [[kept_cell(cell) for cell in rows[0]]]
    for row in rows[1:]:
        cells = [*row, *[""] * (sheet.width - len(row))]
        _expect_maximum(sheet.maximum(cells), section, ledger.worth(section))
        told = sheet.read(cells)
        person = _person(ledger, told, section)
        met.append(person)
        if person is None:
            found.unknown.append(one_line(told.name or told.number))
        if person and told.extended and (person.id, section.id) not in ledger.extended:
            found.extended.append(person)
        filled: list[Cell] = [kept_cell(cell) for cell in cells]
        if words is not None:
            filled[words] = Verbatim(cells[words])  # the teacher's own words go back to Moodle unchanged
        entry = ledger.entry(person, section) if person else None
        old = entry is not None and stays(entry, cells[grade])
        if person and entry and told.locked and (entry.points is not None or entry.remarks):
            found.kept.append(person)
        elif person and old:
            found.marked.append(person)
        elif entry and entry.points is not None:
            filled[grade] = entry.points
        text = feedback(ledger, entry, section) if entry and not told.locked else ""
        if entry and entry.why is Why.MISSING and old:  # "nothing handed in" beside a teacher's mark would be odd
            text = _escaped([_NO_FILE, *entry.remarks]) if text and entry.remarks else ""
        if person and words is not None and text:
            if _is_ours(cells[words], section):
                filled[words] = text
            else:
                found.commented.append(person)
        written.append(filled)
    found.data, found.strangers = table(written), without_row(ledger, met)
    return found


def _is_ours(cell: str, section: Section) -> bool:
    """Whether a comment is feedback of an earlier export, or empty: what a teacher wrote there is not replaced."""
    names = "|".join(map(re.escape, section.functions))
    text = html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
    given = re.match(rf"(?:{names}): [\d.]+ / [\d.]+", text)  # a name alone may begin a teacher's sentence
    return not text or given is not None or text.startswith((_NO_FILE, str(Why.UNREADABLE), str(Why.MISSING)))


def _expect_maximum(value: float | None, section: Section, most: float) -> None:
    """Raise UsageError if Moodle has another maximum: 15 of 15 points are not 15 of 100."""
    if value is not None and (told := PlatformMaximum(section, value).misfit(most)):
        raise UsageError(told)


def _person(ledger: Ledger, row: WorksheetRow, section: Section) -> Person | None:
    """The person of a row: by the number in "Participant 12345", else by another id.

    Raises UsageError if this person has another number in this section: Moodle gives new ones in each assignment.
    """
    if person := ledger.numbered(row.number, "moodle"):
        return person
    person = ledger.find([row.ids[key] for key in ("idnumber", "username", "email") if key in row.ids], UNIVERSITY)
    own = person.ids.get(f"moodle_{section.id}", row.number) if person else row.number
    if own != row.number:
        raise UsageError(
            f"participant {row.number} is {one_line(row.name or row.number)}, whose number in {section.id} is {own}. Is this the "
            f"worksheet of another assignment? Name the one of {section.id}. Or take this one in first: "
            f"{again(ledger.book, [section.id], like='WORKSHEET.csv')}"
        )
    return person or ledger.find([row.number], "moodle")


def _write(ledger: Ledger, like: Path | None, titles: Mapping[str, str]) -> Export:
    if like is not None:
        return filled_in(ledger, like, EXPECTED, partial(fill_worksheet, ledger))
    return Export(grades(ledger, titles))


EXPORTER = Exporter(
    "moodle",
    "Write grades for Moodle.",
    _write,
    options=(LIKE, COLUMN),
    examples=("grade export moodle --section {section} --like WORKSHEET.csv   a grading worksheet, filled in",),
)
