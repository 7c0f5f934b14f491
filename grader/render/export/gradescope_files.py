"""A class as Gradescope's results: a `results.json` per student, with the mark that the rules of the class give."""

from collections.abc import Iterator

from grader.batch.ledger import Ledger, Why
from grader.grading.report import total
from grader.render.export.feedback import folders_of
from grader.render.export.gradescope import results_json


def results_files(ledger: Ledger) -> Iterator[tuple[str, bytes]]:
    """The names and contents of all files, by name. Who has no mark yet for something that came has no file."""
    names = folders_of(ledger)
    for person in ledger.people:
        entries = [(section, ledger.entry(person, section)) for section in ledger.sections]
        if any(entry.why in (Why.WAITING, Why.FAULT, Why.UNREADABLE) for _, entry in entries):
            continue
        reports = [report for section, entry in entries if (report := ledger.report(entry, section))]
        if reports:
            marks = total(entry.points or 0.0 for _, entry in entries)
            remarks = [f"{section.id}: {remark}" for section, entry in entries for remark in entry.remarks]
            yield f"{names[person.id]}/results.json", results_json(reports, marks, remarks)
