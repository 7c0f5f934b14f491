"""One student for the instructors of a class: the student's own page, with the results of hidden checks."""

from collections.abc import Iterator, Mapping, Sequence

from grader.batch.ledger import Entry, Ledger, Person
from grader.course import Section
from grader.diagnosis.hints import first_hints
from grader.grading.report import Report
from grader.render.web.page import Cover, GradedSection, page
from grader.render.words import short_number
from grader.toolkit.text import one_line, plural, shell_word

WARNING = (
    "For instructors only: this page shows hidden checks. Its words address the student. For a page that you can hand out, type "
    "`grade export feedback --format html`."
)


def student_page(ledger: Ledger, person: Person, reports: Mapping[Section, Report]) -> bytes:
    """The gradings behind the marks of `person`, and nothing about other students."""
    shown = []
    for section, report in reports.items():
        number = ledger.entry(person, section).grading
        assert number is not None
        command = f"grade regrade --student {shell_word(one_line(person.id))} --section {section.id}"
        hints = first_hints(section, report.exercises)
        shown.append(GradedSection(report, ledger.book.source(number), command, section.id, hints, whole=True))
    return page(shown, Cover(person.label, list(_marks(ledger, person)), "../index.html", WARNING))


def _marks(ledger: Ledger, person: Person) -> Iterator[tuple[str, Sequence[str]]]:
    for section in ledger.sections:
        entry = ledger.entry(person, section)
        yield f"{section.title}: {_mark(entry)}", [*_history(entry), *entry.remarks]


def _mark(entry: Entry) -> str:
    if entry.points is None:
        return f"no mark, {entry.why}"
    why = f", {entry.why}" if entry.why else ""
    return f"{short_number(entry.points)} of {short_number(entry.max_points)} points{why}"


def _history(entry: Entry) -> Iterator[str]:
    if entry.attempts > 1:
        yield f"{plural(entry.attempts, 'attempt')}"
