"""Statistics of a class: the spread of marks, hard exercises, common mistakes, and checks that may be wrong themselves.

Each student counts once for a section, by the grading of the mark.
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from grader.batch.gradebook import queries
from grader.batch.ledger import Ledger, Why
from grader.batch.next_tries import NextTries, NextTry
from grader.grading.report import CheckResult, ExerciseResult, Report, Status
from grader.section import Section

SCHEMA_VERSION = 1
BINS = 10
HARD = 0.5  # share of the students who wrote an exercise and did not get it right
_COMMONEST = 10  # diagnoses
_DOUBTED = 2, 0.1  # students, and which part of all who pass everything else: fewer may have made one mistake each


@dataclass(frozen=True)
class Spread:
    """The spread of numbers. Quartiles treat the numbers as the whole class, not as a sample."""

    count: int
    mean: float
    median: float
    lower_quartile: float
    upper_quartile: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> "Spread | None":
        """The spread of numbers; None if there are none."""
        if not numbers:
            return None
        several = numbers if len(numbers) > 1 else [*numbers, *numbers]  # or there would be nothing between them
        lower, median, upper = statistics.quantiles(several, n=4, method="inclusive")
        return cls(len(numbers), statistics.fmean(numbers), median, lower, upper, min(numbers), max(numbers))


@dataclass(frozen=True)
class Bin:
    """The number of marks from `low` to below `high`; the last interval includes `high`."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class CheckStatistics:
    """The results of a check. `judged` counts results without grader errors, `written` those with a written exercise."""

    id: str
    exercise: str
    title: str
    hidden: bool
    passed: int
    judged: int
    written: int
    statuses: dict[str, int]

    @property
    def rate(self) -> float | None:
        """The share that passes, of students who wrote the exercise; None if there are none."""
        return self.passed / self.written if self.written else None


@dataclass(frozen=True)
class ExerciseStatistics:
    """An exercise: how many have written it, and got all of it right."""

    name: str
    written: int
    right: int

    @property
    def is_hard(self) -> bool:
        return self.written > 0 and self.written - self.right >= HARD * self.written


@dataclass(frozen=True)
class DiagnosisCount:
    """A known mistake, and the number of students who made it."""

    exercise: str
    mistake: str
    message: str
    students: int


@dataclass(frozen=True)
class Doubt:
    """A check that may be wrong itself: it alone fails for some `students`, without a diagnosis; `others` pass everything."""

    check: str
    students: int
    others: int


@dataclass(frozen=True)
class SectionStatistics:
    """One section of a class. `seconds` are wall-clock time per grading; `missing` counts why there is no mark."""

    id: str
    label: str
    title: str
    max_points: float
    students: int
    missing: dict[str, int]
    marks: Spread | None
    histogram: list[Bin]
    seconds: Spread | None
    checks: list[CheckStatistics]
    exercises: list[ExerciseStatistics]
    diagnoses: list[DiagnosisCount]
    doubts: list[Doubt]
    next_tries: list[NextTry]

    @property
    def hardest(self) -> list[CheckStatistics]:
        """Its checks with results, the lowest pass rate first."""
        rated = [(check.rate, check) for check in self.checks if check.rate is not None]
        return [check for _, check in sorted(rated, key=lambda pair: pair[0])]


@dataclass(frozen=True)
class ClassStatistics:
    """All sections of a class, as `grade stats --json` writes them."""

    schema_version: int
    sections: list[SectionStatistics]


def statistics_of(ledger: Ledger) -> ClassStatistics:
    """Count everything, one Report in memory at a time."""
    return ClassStatistics(SCHEMA_VERSION, [_statistics(ledger, section) for section in ledger.sections])


def _next_tries(ledger: Ledger, section: Section) -> list[NextTry]:
    """The attempts after the messages of a section. The same content twice in a row is one attempt."""
    tries = NextTries()
    mine = (one for one in queries.attempts(ledger.book) if one.section == section.id and one.grading is not None)
    for _, attempts in groupby(mine, key=lambda one: one.student):
        gradings = [grading for grading, _ in groupby(one.grading for one in attempts if one.grading is not None)]
        if len(gradings) > 1:
            tries.add(ledger.book.grading(number).report for number in gradings)
    return tries.found()


def _statistics(ledger: Ledger, section: Section) -> SectionStatistics:
    entries = [ledger.entry(person, section) for person in ledger.people]
    tally = _Tally()
    for entry in entries:
        if entry.why is None and (report := ledger.report(entry, section)) is not None:
            tally.add(report)
    marks = [entry.points for entry in entries if entry.why is None and entry.points is not None]
    return SectionStatistics(
        section.id,
        section.label,
        section.title,
        ledger.worth(section),
        len(entries),
        {why.value: sum(entry.why is why for entry in entries) for why in Why},
        Spread.of(marks),
        histogram(marks, ledger.worth(section)),
        Spread.of(ledger.book.seconds([entry.grading for entry in entries if entry.grading is not None])),
        list(tally.checks()),
        [ExerciseStatistics(name, tally.writers[name], tally.right[name]) for name in tally.written],
        tally.commonest(),
        list(tally.doubts()),
        _next_tries(ledger, section),
    )


def histogram(marks: Sequence[float], most: float) -> list[Bin]:
    """Marks in bins of one width from 0 to `most`; a mark that the rules of the class have moved beyond an end is in the last
    bin there."""
    width = most / BINS
    places = Counter(min(BINS - 1, max(0, int(mark / width + 1e-9))) for mark in marks) if width else Counter()
    return [Bin(round(place * width, 6), round((place + 1) * width, 6), places[place]) for place in range(BINS)]


@dataclass
class _Tally:
    """Counts over the Reports of a section."""

    seen: dict[str, CheckResult] = field(default_factory=dict)  # a result of each check, for its title
    statuses: dict[str, Counter[Status]] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)  # exercises in order
    writers: Counter[str] = field(default_factory=Counter)  # of exercises
    tried: Counter[str] = field(default_factory=Counter)  # checks of those
    right: Counter[str] = field(default_factory=Counter)
    mistakes: Counter[tuple[str, str]] = field(default_factory=Counter)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    alone: Counter[str] = field(default_factory=Counter)  # the one check that did not pass
    perfect: int = 0

    def add(self, report: Report) -> None:
        for check in report.checks:
            self.seen.setdefault(check.id, check)
            self.statuses.setdefault(check.id, Counter())[check.status] += 1
        for exercise in report.exercises:
            self._add_exercise(exercise)
        failed = [check for check in report.checks if check.status is not Status.PASSED]
        first = [check for check in failed if check.status is not Status.BLOCKED]  # the rest only follow from it
        self.perfect += not failed
        if len(first) == 1 and _is_doubtful(first[0]):
            self.alone[first[0].id] += 1

    def _add_exercise(self, exercise: ExerciseResult) -> None:
        self.written.setdefault(exercise.name)
        is_written = exercise.status not in (Status.NOT_STARTED, Status.BLOCKED, Status.GRADER_ERROR)
        self.writers[exercise.name] += is_written
        for check in exercise.checks:  # a check that waited for a failed check counts as tried: its code is written
            self.tried[check.id] += is_written and check.status is not Status.GRADER_ERROR
        self.right[exercise.name] += exercise.passed
        found = {check.diagnosis.mistake: check.diagnosis for check in exercise.checks if check.diagnosis}
        for mistake, diagnosis in found.items():
            self.mistakes[exercise.name, mistake] += 1
            self.words.setdefault((exercise.name, mistake), diagnosis.message)

    def checks(self) -> Iterator[CheckStatistics]:
        for id, check in self.seen.items():
            counts = self.statuses[id]
            judged = counts.total() - counts[Status.GRADER_ERROR]
            named = {status.value: counts[status] for status in Status if counts[status]}
            yield CheckStatistics(
                id, check.exercise, check.title, check.hidden, counts[Status.PASSED], judged, self.tried[id], named
            )

    def commonest(self) -> list[DiagnosisCount]:
        ordered = sorted(self.mistakes.items(), key=lambda item: (-item[1], item[0]))
        return [DiagnosisCount(*key, self.words[key], count) for key, count in ordered[:_COMMONEST]]

    def doubts(self) -> Iterator[Doubt]:
        least, part = _DOUBTED
        for id, count in sorted(self.alone.items(), key=lambda item: (-item[1], item[0])):
            if count >= least and count >= part * (count + self.perfect):
                yield Doubt(id, count, self.perfect)


def _is_doubtful(check: CheckResult) -> bool:
    """Whether the check itself may be wrong: a written exercise fails this check alone, and no diagnosis explains it."""
    return (
        check.status not in (Status.NOT_STARTED, Status.GRADER_ERROR) and not check.points and check.diagnosis is None
    )
