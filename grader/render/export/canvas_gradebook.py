"""A class's marks for Canvas: `grade export canvas`.

Columns and the row `Points Possible` follow Canvas's own export (Canvas Instructor Guide, "How do I import grades in the
Gradebook?"). Canvas's `GradebookImporter` finds students by `ID`, else by their SIS ids, else by name; it finds assignments by
the id in brackets after the title, else by the title.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.batch.ledger import Ledger, Person, reasons_of
from grader.batch.platform_maximum import PlatformMaximum, number_in
from grader.batch.platform_table import TEST_STUDENT
from grader.batch.roster import ANYWHERE, UNIVERSITY
from grader.course import UsageError
from grader.render.export.cells import Cell, id_cell, kept_cell, table
from grader.render.export.exporter import Export, Exporter
from grader.render.export.lms_table import COLUMN, LIKE, Filled, filled_in, id_of, place_of, stays, without_row
from grader.section import Section
from grader.toolkit.text import one_line
from grader.toolkit.typed_paths import out_option

_IDS = {
    "ID": ("canvas_id", "canvas", "canvas_user_id"),
    "SIS User ID": ("sis_user_id", "sis_id"),
    "SIS Login ID": ("sis_login_id", "login_id", "login"),
    "Section": ("canvas_section", "group"),
}
_NO_MARK = frozenset({"EX", "N/A"})  # excused; not assigned to this student
_REASONS = 10  # that are shown
_POINTS = "    Points Possible"  # indented as Canvas writes it
_COMPUTED = re.compile(r"\b(?:Current|Final|Override) (?:Score|Points|Grade|Status)")
EXPECTED = "Expected a gradebook that Canvas exported, with a first line that begins with Student,ID"


def gradebook(ledger: Ledger, titles: Mapping[str, str]) -> bytes:
    """A gradebook with the roster's ids. `titles` are those of assignments that differ from the section's."""
    header: list[Cell] = ["Student", *_IDS]
    header += [titles.get(section.id, section.title) for section in ledger.sections]
    worth: list[Cell] = [_POINTS, *[None] * len(_IDS), *(ledger.worth(section) for section in ledger.sections)]
    return table([header, worth, *(_row(ledger, person) for person in ledger.people)])


def _row(ledger: Ledger, person: Person) -> list[Cell]:
    ids: dict[str, Cell] = {column: id_of(person, names) or None for column, names in _IDS.items()}
    if person.enrolled:
        ids["SIS User ID"] = ids["SIS User ID"] or person.id
    elif person.system in ("canvas", ANYWHERE):  # in Canvas, a Moodle number is the id of another person
        ids["ID" if person.system else "SIS User ID"] = person.id
    return [person.name, *ids.values(), *(ledger.entry(person, section).points for section in ledger.sections)]


def fill_gradebook(ledger: Ledger, rows: Sequence[Sequence[str]], titles: Mapping[str, str]) -> Filled:
    """A Canvas export with marks: all rows, the id columns, and the assignments that are sections.

    Without a mark, a cell stays the same: Canvas deletes a grade if the cell is empty. Raises UsageError if the table is not from
    Canvas, if the column of a section is unclear, or if a column has other points than its section.
    """
    header = list(rows[0]) if rows else []
    if "ID" not in header or "Section" not in header:
        raise UsageError(f"The first line begins with {one_line(', '.join(header[:3])) or 'nothing'}. {EXPECTED}.")
    ids = range(header.index("Section") + 1)
    assignments = [place for place in range(len(ids), len(header)) if not _COMPUTED.search(header[place])]
    marks = {place_of(section, header, assignments, titles): section for section in ledger.sections}
    find = _finder(ledger, header)
    met: list[Person | None] = []
    found = Filled()
    written: list[list[Cell]] = []
    for row in rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        person = find(cells) if written else None
        met.append(person)
        if (
            person is None
            and written
            and cells[header.index("ID")].strip().isdecimal()
            and cells[0].strip() != TEST_STUDENT
        ):
            found.unknown.append(one_line(cells[0]))
        filled: list[Cell] = [kept_cell(cells[0]), *map(id_cell, cells[1 : len(ids)])]
        for place, section in sorted(marks.items()):
            entry = ledger.entry(person, section) if person else None
            points = entry.points if entry else None
            if person and cells[place].strip().upper() in _NO_MARK:
                if points is not None:
                    found.kept.append(person)
                points = None
            elif person and entry and stays(entry, cells[place]):
                found.marked.append(person)
                points = None
            filled.append(kept_cell(cells[place]) if points is None else points)
            if "Points Possible" in cells[0]:
                _expect_points(cells[place], header[place], section, ledger.worth(section))
        written.append(filled)
    found.data, found.strangers = table(written), without_row(ledger, met)
    return found


def _finder(ledger: Ledger, header: Sequence[str]) -> Callable[[Sequence[str]], Person | None]:
    """Find the person of a row: by a known Canvas id, then by the SIS ids, then by an id that may be Canvas's."""
    number = header.index("ID")
    others = [header.index(name) for name in ("SIS User ID", "SIS Login ID") if name in header]

    def find(cells: Sequence[str]) -> Person | None:
        return (
            ledger.numbered(cells[number], "canvas")
            or ledger.find((cells[place] for place in others), UNIVERSITY)
            or ledger.find([cells[number]], "canvas")
        )

    return find


def _expect_points(cell: str, title: str, section: Section, most: float) -> None:
    """Raise UsageError if Canvas has another maximum: 20 of 20 points are not 20 of 25. Other cells are skipped."""
    possible = number_in(cell)
    if possible is not None and (told := PlatformMaximum(section, possible, title).misfit(most)):
        raise UsageError(told)


def reasons_note(ledger: Ledger) -> str:
    """The first students without points or without a mark, each with the reason, for which Canvas has no column; else ""."""
    said = [
        f"  {one_line(person.id)}, {section.id}: {one_line('; '.join(reasons_of(entry)))}"
        for person in ledger.people
        for section in ledger.sections
        if not (entry := ledger.entry(person, section)).points and reasons_of(entry)
    ]
    if not said:
        return ""
    sections = "".join(f" --section {section.id}" for section in ledger.sections)
    command = f"grade export csv{sections}{out_option(ledger.book.path.parent)}"
    more = [f"  and {len(said) - _REASONS} more"] if len(said) > _REASONS else []
    head = f"no points or no mark, and Canvas has no column for the reason. A table with all reasons: {command}"
    return "\n".join([head, *said[:_REASONS], *more])


def _write(ledger: Ledger, like: Path | None, titles: Mapping[str, str]) -> Export:
    if like is not None:
        export = filled_in(ledger, like, EXPECTED, partial(fill_gradebook, ledger, titles=titles))
    else:
        export = Export(gradebook(ledger, titles))
    return replace(export, notes=[*export.notes, *filter(None, [reasons_note(ledger)])])


EXPORTER = Exporter(
    "canvas",
    "Write a gradebook for Canvas.",
    _write,
    options=(LIKE, COLUMN),
    examples=("grade export canvas --like EXPORTED.csv --file marks.csv   your gradebook, filled in",),
)
