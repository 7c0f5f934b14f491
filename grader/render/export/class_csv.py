"""A class's marks as a table for people: `grade export csv`."""

from collections.abc import Iterator

from grader.batch.ledger import Entry, Ledger, Person, reasons_of
from grader.render.export.cells import Cell, table
from grader.render.export.exporter import Export, Exporter
from grader.render.words import short_number
from grader.section import Section


def class_table(ledger: Ledger) -> bytes:
    """A row per student: id, name, points of each section, their sum, and remarks."""
    titles = [f"{section.id} (of {short_number(ledger.worth(section))})" for section in ledger.sections]
    header: list[Cell] = ["id", "name", *titles, "total", "remarks"]
    return table([header, *(_row(ledger, person) for person in ledger.people)])


def _row(ledger: Ledger, person: Person) -> list[Cell]:
    entries = [(section, ledger.entry(person, section)) for section in ledger.sections]
    remarks = "; ".join(remark for section, entry in entries for remark in _remarks(section, entry))
    cells: list[Cell] = [entry.points for _, entry in entries]
    return [person.id, person.name, *cells, ledger.total(person), remarks]


def _remarks(section: Section, entry: Entry) -> Iterator[str]:
    for remark in reasons_of(entry):
        yield f"{section.id}: {remark}"


EXPORTER = Exporter("csv", "Write a table for people.", lambda ledger: Export(class_table(ledger)))
