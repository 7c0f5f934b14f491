"""A class as a static site for its instructors: an index, a page per student, and a leaderboard that may be shown to all.

It needs no server and fetches nothing. All numbers are those of `grader/batch/class_statistics.py`. A student's page
is called by a number that only this gradebook can make of the id: no guess finds a page, and no id is ever a path.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import jinja2

from grader.batch.class_statistics import ClassStatistics, SectionStatistics, statistics_of
from grader.batch.leaderboard import Leaderboards
from grader.batch.ledger import Entry, Ledger, Person, Why
from grader.diagnosis.hints import first_hints
from grader.grading.report import Report, Status
from grader.render.terminal.stats import reasons
from grader.render.web.html import asset, breakable, environment, policy_of, prose
from grader.render.web.page import Cover, GradedSection, page
from grader.render.words import points, short_number, word_of
from grader.section import Section
from grader.toolkit.text import one_line, plural, shell_word

SHOWN = 5  # of the hardest checks; the others are folded
_WORST = (Status.GRADER_ERROR, Status.FORBIDDEN, Status.CRASHED, Status.TIMED_OUT)
_STATES = {  # the filters of the page: the class of a cell, and the label of the filter
    "passed": "All checks passed",
    "failed": "Some checks not passed",
    **{status.value: word_of(status).capitalize() for status in (*_WORST, Status.NOT_STARTED)},
    "missing": "Nothing handed in",
    "unreadable": "Cannot be read",
    "waiting": "Not graded yet",
    "by_hand": "Marked by hand",
    "late": "Late",
    "again": "Several attempts",
}

_REASONS = {
    Why.MISSING: "missing",
    Why.WAITING: "waiting",
    Why.UNREADABLE: "unreadable",
    Why.FAULT: Status.GRADER_ERROR.value,
}
WARNING = (
    "For instructors only: this page shows hidden checks. Its words address the student. For a page that you can hand out, type "
    "`grade export feedback --format html`."
)
WIDTH, HEIGHT, GROUND, HEAD = 480, 190, 24, 20  # with room for the axis below the bars, and for numbers above
_GAP = 3


@dataclass(frozen=True)
class MarkCell:
    """A student's mark for a section as the table shows it."""

    entry: Entry
    report: Report | None

    @property
    def mark(self) -> str:
        return "–" if self.entry.points is None else short_number(self.entry.points)

    @property
    def state(self) -> str:
        """One of the states, without how late it was."""
        if self.entry.why is not None:
            return _REASONS[self.entry.why]
        if self.report is None:
            return "by_hand"
        found = {check.status for check in self.report.checks}
        worst = next((status for status in _WORST if status in found), None)
        if worst is not None:
            return worst.value
        if found <= {Status.NOT_STARTED, Status.BLOCKED}:
            return Status.NOT_STARTED.value
        return "passed" if found == {Status.PASSED} else "failed"

    @property
    def kinds(self) -> str:
        """All filters that find this cell."""
        late, again = " late" * bool(self.entry.days_late), " again" * (self.entry.attempts > 1)
        return f"{self.state}{late}{again}"

    @property
    def notes(self) -> list[str]:
        """The remarks beside the mark."""
        plain = self.state in ("passed", "failed") or (self.entry.points is None and self.state == "missing")
        notes = [] if plain else [_STATES[self.state].lower()]
        notes += [f"{plural(self.entry.days_late, 'day')} late"] if self.entry.days_late else []
        return notes + ([f"{self.entry.attempts} attempts"] if self.entry.attempts > 1 else [])


@dataclass(frozen=True)
class StudentRow:
    """A student in the table; `page` is the name of their page, if there is a grading."""

    person: Person
    page: str
    cells: Sequence[MarkCell]
    total: float | None

    @property
    def attempts(self) -> int:
        return sum(cell.entry.attempts for cell in self.cells)

    @property
    def days_late(self) -> int:
        return sum(cell.entry.days_late for cell in self.cells)


def files(
    ledger: Ledger, progress: Callable[[int, int], None] = lambda done, count: None
) -> Iterator[tuple[str, bytes]]:
    """The names and contents of the site's files, one page in memory at a time."""
    key = ledger.book.key()
    leaderboards, rows = Leaderboards(key), []
    for done, person in enumerate(ledger.people):
        progress(done, len(ledger.people))
        reports = _reports(ledger, person)
        page = _page_of(key, person) if reports else ""
        if page:
            yield page, student_page(ledger, person, reports)
        for section, report in reports.items():
            if ledger.entry(person, section).why is None:
                leaderboards.add(person, report)
        cells = [MarkCell(ledger.entry(person, section), reports.get(section)) for section in ledger.sections]
        rows.append(StudentRow(person, page, cells, ledger.total(person)))
    boards = leaderboards.boards()
    if boards:
        yield "leaderboard.html", _page("leaderboard.html.jinja", [asset("report.js")], boards=boards)
    yield "index.html", _index(ledger, statistics_of(ledger), rows, bool(boards))


def _page_of(key: bytes, person: Person) -> str:
    """The name of a student's page."""
    return f"students/{hmac.digest(key, b'page:' + person.id.encode(), hashlib.sha256).hex()[:24]}.html"


def _reports(ledger: Ledger, person: Person) -> dict[Section, Report]:
    """The Reports behind a student's marks, by section, with hidden checks."""
    found = ((section, ledger.report(ledger.entry(person, section), section)) for section in ledger.sections)
    return {section: report for section, report in found if report is not None}


class _SectionCharts:
    """A section's statistics as the index shows them."""

    def __init__(self, statistics: SectionStatistics) -> None:
        self.statistics = statistics
        self.histogram = Histogram.of(statistics)

    @cached_property
    def hardest(self) -> Sequence[Any]:
        return [check for check in self.statistics.hardest if check.rate is not None and check.rate < 1]

    @cached_property
    def hard(self) -> list[Any]:
        return [exercise for exercise in self.statistics.exercises if exercise.is_hard]

    @cached_property
    def reasons(self) -> list[str]:
        return list(reasons(self.statistics))

    @property
    def missing(self) -> Mapping[str, int]:
        return {why: count for why, count in self.statistics.missing.items() if count}


def _index(ledger: Ledger, statistics: ClassStatistics, rows: Sequence[StudentRow], has_board: bool) -> bytes:
    used = {kind for row in rows for cell in row.cells for kind in cell.kinds.split()}
    faults = [row for row in rows if any(cell.entry.why is Why.FAULT for cell in row.cells)]
    return _page(
        "class.html.jinja",
        [asset("report.js"), asset("class.js")],
        sections=[_SectionCharts(section) for section in statistics.sections],
        most=sum(ledger.worth(section) for section in ledger.sections),
        rows=rows,
        faults=faults,
        states={kind: words for kind, words in _STATES.items() if kind in used},
        has_board=has_board,
        shown=SHOWN,
    )


def _page(template: str, scripts: Sequence[str], **given: Any) -> bytes:
    style = asset("report.css", "class.css")
    html = _template(template).render(style=style, scripts=scripts, policy=policy_of(style, scripts), **given)
    return html.encode()


@cache
def _template(name: str) -> jinja2.Template:
    functions = {
        "breakable": breakable,
        "measured": _measured,
        "number": short_number,
        "plural": plural,
        "points": points,
        "prose": prose,
        "share": lambda part: f"{100 * part:.0f} %",
    }
    return environment().get_template(name, globals=functions)


def _measured(value: float) -> str:
    """A measurement in at most 16 characters: a submission may have caused any."""
    if not abs(value) < 1e12:
        return f"{value:.4g}"
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.4f}"


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


@dataclass(frozen=True)
class Bar:
    """A bar, and the number above it."""

    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True)
class Histogram:
    """Marks of a section as bars over an axis; `median` is where the half of the class lies."""

    bars: list[Bar]
    ticks: list[tuple[float, str]]
    median: float
    text: str  # for readers who do not see it

    @classmethod
    def of(cls, section: SectionStatistics) -> "Histogram | None":
        """Lay out the bins of a section; None if it has no marks."""
        if section.marks is None or not section.max_points:
            return None
        step = (WIDTH - 24) / len(section.histogram)
        edges = [12 + place * step for place in range(len(section.histogram) + 1)]
        highest = max(one.count for one in section.histogram)
        base = HEIGHT - GROUND
        bars = []
        for x, one in zip(edges, section.histogram, strict=False):
            height = round((base - HEAD) * one.count / highest, 1)
            bars.append(Bar(round(x + _GAP / 2, 1), round(base - height, 1), round(step - _GAP, 1), height, one.count))
        lows = [*(one.low for one in section.histogram), section.max_points]
        ticks = [(round(x, 1), short_number(round(low, 2))) for x, low in zip(edges, lows, strict=True)]
        share = min(1.0, max(0.0, section.marks.median / section.max_points))
        return cls(bars, ticks, round(12 + share * (WIDTH - 24), 1), "; ".join(_sentences(section)))


def _sentences(section: SectionStatistics) -> Iterator[str]:
    for one in section.histogram:
        if one.count:
            yield f"{plural(one.count, 'student')} from {short_number(one.low)} to {short_number(one.high)} points"
