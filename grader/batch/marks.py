"""From grades to marks: every student's attempts, under the rules of the class."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from grader.batch.class_command import again
from grader.batch.gradebook import queries
from grader.batch.gradebook.book import Gradebook
from grader.batch.gradebook.queries import AttemptRecord
from grader.batch.intake import Intake
from grader.batch.policy import FILENAME, NO_RULES, Adjustment, Attempt, Extension, Mark, Policy, mark_of
from grader.batch.roster import folded
from grader.batch.times import BY_HAND, Came
from grader.toolkit.text import first_of, one_line, plural


@dataclass(frozen=True)
class StudentMark:
    """A student's mark for a section, and its grading, which is None before the grade.

    With `waits`, a file that may change the mark is not graded yet.
    """

    student: str
    name: str
    section: str
    mark: Mark
    max_points: float
    grading: int | None
    attempts: int
    waits: bool = False


def student_marks(book: Gradebook, policy: Policy) -> Iterator[StudentMark]:
    """Every student's mark for every section that something was handed in for."""
    for (student, section), group in groupby(queries.attempts(book), key=lambda one: (one.student, one.section)):
        tried = _without_copies(group)
        graded = [row for row in tried if row.grading is not None]
        attempts = [
            Attempt(row.points or 0.0, _moment(row.submitted), row.late, row.status == "grader_error") for row in graded
        ]
        mark = mark_of(policy, student, section, attempts)
        waits = len(graded) < len(tried)
        if policy.attempts == "last":  # those before it do not count, graded or not
            waits = tried[-1].grading is None
        known = mark.attempt is not None and not (waits and policy.attempts == "last")
        chosen = graded[mark.attempt] if mark.attempt is not None and known else None
        worth = chosen.max_points or 0.0 if chosen is not None else 0.0
        number = chosen.grading if chosen is not None else None
        yield StudentMark(student, tried[0].name, section, mark, worth, number, len(tried), waits)


def _without_copies(rows: Iterable[AttemptRecord]) -> list[AttemptRecord]:
    """A student's attempts in order, without repeated files whose time is unknown."""
    found: list[AttemptRecord] = []
    for row in rows:
        if found and row.content == found[-1].content and not (row.submitted or row.sequence or row.late):
            continue
        found.append(row)
    return found


def rules_for_unknown_ids(book: Gradebook, policy: Policy) -> list[str]:
    """Messages about rules for an id that no student of the class has."""
    known = {student for student, _, _ in queries.people(book)}
    found: list[tuple[str, Adjustment | Extension]] = [("adjusts", one) for one in policy.adjustments]
    found += [("gives more time to", one) for one in policy.extensions]
    return [
        f"{FILENAME} {does} {one_line(one.student)} in {one.section}: no student on the roster or in the hand-ins has this id "
        "(only the column id counts)"
        for does, one in found
        if one.student not in known
    ]


def comments_for_unknown_ids(book: Gradebook, comments: Iterable[tuple[str, str]]) -> list[str]:
    """A message about comments, by student and section, for ids that no student of the class has."""
    known = {folded(student) for student, _, _ in queries.people(book)}
    unknown = sorted({one_line(student, 100) for student, _ in comments if student not in known})
    if not unknown:
        return []
    words = "no student on the roster or in the hand-ins has this id (only the column id counts)"
    return [f"comments.csv is for {', '.join(unknown)}: {words}"]


def extensions_elsewhere(told: Mapping[str, Came], policy: Policy, sections: Collection[str], table: str) -> list[str]:
    """A message about students who have more time in a `table` of the platform, where the deadline of the policy counts."""
    known = {one.student for one in policy.extensions if one.section in sections}
    found = [student for student, came in told.items() if came.extended and student not in known]
    if not found or not policy.due.keys() & {*sections}:
        return []
    names = first_of(one_line(student) for student in found)
    return [f"more time in {table}, which does not count here, for {names}. To give it: [[extensions]] in {FILENAME}"]


def rules_without_effect(book: Gradebook, policy: Policy, sections: Iterable[str]) -> list[str]:
    """Messages about deadlines and penalties that change no mark, and about times that a student can set."""
    sections, has_deadlines = list(sections), bool(policy.due or policy.extensions)
    if not (policy.late.penalty_per_day > 0 or policy.late.last_day is not None):
        unsaid = f"{FILENAME} has deadlines and no [late]: a late hand-in costs nothing. If you want that, write: "
        return [f"{unsaid}[late] penalty_per_day = 0"] if has_deadlines and policy.late is NO_RULES else []
    if not has_deadlines and not any(queries.late(book, one) for one in sections):
        idle = f"{FILENAME} has rules in [late] and no deadline in [due], and nothing is marked as late: they had no effect"
        return [idle]
    return [message for section in sections for message in _without_times(book, policy, section)]


def _without_times(book: Gradebook, policy: Policy, section: str) -> Iterator[str]:
    """Messages about hand-ins to a section without a time, or with a time that a student can set."""
    extended = {one.student for one in policy.extensions if one.section == section}
    clocks, timeless = queries.clocks(book, section), queries.without_time(book, section)
    rules = [f"the deadline of {section}"] if section in policy.due else []
    if idle := len(extended & {student for student, late in timeless if not late}):  # more time undoes the mark LATE
        rules.append(f"{plural(idle, 'extension')} in {section}")
    count, none = sum(clocks.values()), clocks.get("", 0)
    if rules and none:
        yield (
            f"{section}: {none} of {plural(count, 'hand-in')} have no time, so that {' and '.join(rules)} had no effect "
            f"on them: {first_of(one_line(student) for student, _ in timeless)}. "
            f"To give times: {again(book, [section], times='FILE')}"
        )
    loose = sum(clocks.get(clock, 0) for clock in BY_HAND)
    if (section in policy.due or extended) and loose:
        words = f"{section}: {loose} of {plural(count, 'hand-in')} have the time of a commit or of timestamp.txt"
        yield f"{words}, which a student can set by hand"


def times_for_unknown_ids(book: Gradebook, intake: Intake, table: str) -> list[str]:
    """A message about times, after the folder was read, for ids and names that no student and no hand-in has."""
    unknown = intake.idle_times(student for student, _, _ in queries.people(book))
    told = first_of(one_line(key, 60) for key in unknown)
    return [f"{table} has times for {told}: no student and no hand-in has this id or name"] if unknown else []


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
