"""The reflections of a class as a table, to give points by hand: `grade export reflections`."""

from collections.abc import Iterator

from grader.batch.ledger import Ledger
from grader.course import UsageError
from grader.render.export.cells import Cell, table
from grader.render.export.exporter import Export, Exporter
from grader.submission.reflections import reflections_in

_LETTERS = 5000  # of an answer


def reflections_table(ledger: Ledger) -> bytes:
    """A row for each question and each student whose file is graded: id, name, section, question and answer."""
    header: list[Cell] = ["id", "name", "section", "question", "text"]
    return table([header, *_rows(ledger)])


def _rows(ledger: Ledger) -> Iterator[list[Cell]]:
    for section in ledger.sections:
        handed_out = section.contract.read_text(encoding="utf-8")
        for person in ledger.people:
            entry = ledger.entry(person, section)
            source = b"" if entry.grading is None else ledger.book.source(entry.grading)
            for one in reflections_in(source, handed_out) if source else []:
                yield [person.id, person.name, section.id, one.question, _cut(one.text)]


def _cut(text: str) -> str:
    more = len(text) - _LETTERS
    return text if more <= 0 else f"{text[:_LETTERS]}… ({more} more characters)"


def _write(ledger: Ledger) -> Export:
    if not any(reflections_in(b"", section.contract.read_text(encoding="utf-8")) for section in ledger.sections):
        raise UsageError("These sections have no reflection: their files have no cell with the heading Reflection.")
    return Export(reflections_table(ledger))


EXPORTER = Exporter("reflections", "Write the answers of students in sentences, to give points by hand.", _write)
