"""Grade again: select grades, and compare them with the new ones."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.batch.class_command import again
from grader.batch.environment import Environment
from grader.batch.gradebook import queries
from grader.batch.gradebook.book import Gradebook, Grading, GradingKey
from grader.course import UsageError
from grader.grading.report import Status
from grader.toolkit.text import one_line


@dataclass(frozen=True)
class Choice:
    """The grades to grade again: those that match all fields.

    `statuses` are of the check that `check` names, or of any check. A grade also counts as a grader error if the grader failed
    in a later grading of the same content. `outdated` grades had another grader, other checks or other libraries.
    """

    students: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    check: str | None = None
    statuses: tuple[Status, ...] = ()
    grader: str | None = None
    outdated: bool = False

    @property
    def everything(self) -> bool:
        return self == Choice()


@dataclass(frozen=True)
class CheckChange:
    """A check with another status or other points than before."""

    id: str
    before: str
    after: str
    points: float  # gained, or lost if negative


@dataclass(frozen=True)
class Change:
    """The grade of a content before and after. `reasons` name the differences of the environment."""

    students: tuple[str, ...]
    section: str
    before: float
    after: float
    checks: tuple[CheckChange, ...]
    reasons: tuple[str, ...]

    @property
    def changed(self) -> bool:
        return bool(self.checks) or self.before != self.after


def choose(book: Gradebook, choice: Choice, today: Mapping[str, Environment]) -> Iterator[GradingKey]:
    """The current grades that match. `today` has the current environment of each section."""
    environments = list(_outdated(book, today)) if choice.outdated else None
    failures = queries.later_failures(book) if Status.GRADER_ERROR in choice.statuses else {}
    for grade in queries.selected_grades(book, choice.sections, choice.students, environments):
        later = failures.get(grade.content)
        if _is_meant(grade, choice) or (later is not None and _is_meant(book.grading(later), choice)):
            yield GradingKey(grade.id, grade.content, grade.section)


def expect_students(book: Gradebook, choice: Choice, out: str) -> None:
    """Raise UsageError if a named student has no attempt."""
    known = queries.submitters(book)
    for student in choice.students:
        if student not in known:
            told = f'No student with the id "{one_line(student)}" has a hand-in.'
            raise UsageError(f"{told}{_nearest(student, known)} See the column id: grade export csv --out {out}")


def why_nothing(book: Gradebook, choice: Choice, out: str) -> str:
    """The message if no grade matches."""
    found = [graded for graded in book.graded() if graded.section in (choice.sections or (graded.section,))]
    where = f" of {', '.join(choice.sections)}" if choice.sections else ""
    if not found:
        return f"Nothing{where} is graded yet: {again(book, choice.sections)}"
    checks = {check.id for graded in found for check in graded.report.checks}
    if choice.check and choice.check not in checks:
        told = f'No grade{where} has a check "{one_line(choice.check)}".'
        return (
            f"{told}{_nearest(choice.check, checks)} See the ids of checks: grade stats --json stats.json --out {out}"
        )
    graders = {graded.environment.grader for graded in found}
    if choice.grader and choice.grader not in graders:
        return f"No grade{where} is by grader {one_line(choice.grader)}, but by {', '.join(sorted(graders))}."
    return f"No grade matches, so nothing is graded again. See how checks end: grade stats --out {out}"


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f" Did you mean {one_line(close[0])}?" if close else ""


def count_failed(book: Gradebook, before: Iterable[GradingKey]) -> int:
    """The number of new gradings in which the grader failed, so that the earlier grade stands."""
    failures = queries.later_failures(book)
    return sum(one.content in failures for one in before)


def _outdated(book: Gradebook, today: Mapping[str, Environment]) -> Iterator[tuple[str, str]]:
    """Pairs of a section and an environment that differs from today's."""
    for text, environment in book.environments().items():
        for section, now in today.items():
            if now.differences(environment):
                yield section, text


def count_outdated(book: Gradebook, today: Mapping[str, Environment]) -> int:
    """The number of outdated grades."""
    return sum(queries.count_grades(book, *pair) for pair in _outdated(book, today))


def _is_meant(grade: Grading, choice: Choice) -> bool:
    checks = [check for check in grade.report.checks if choice.check in (None, check.id)]
    if choice.check and not checks:
        return False
    if choice.statuses and not any(check.status in choice.statuses for check in checks):
        return False
    return choice.grader in (None, grade.environment.grader)


def changes(book: Gradebook, before: Iterable[GradingKey]) -> Iterator[Change]:
    """The grades that were graded again, with the grades before."""
    for one in before:
        current = queries.current_grade(book, one.content)
        if current != one.id:
            yield _change(queries.students_with(book, one.content), book.grading(one.id), book.grading(current))


def _change(students: tuple[str, ...], old: Grading, new: Grading) -> Change:
    before = {check.id: check for check in old.report.checks}
    after = {check.id: check for check in new.report.checks}
    found = []
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        was, became = one.status.value if one else "not there", other.status.value if other else "not there"
        gained = round((other.points if other else 0.0) - (one.points if one else 0.0), 6)
        if was != became or gained:
            found.append(CheckChange(name, was, became, gained))
    return Change(students, new.section, old.points, new.points, tuple(found), _reasons(old, new))


def _reasons(old: Grading, new: Grading) -> tuple[str, ...]:
    reasons = new.environment.differences(old.environment)
    if old.status == Status.GRADER_ERROR:
        reasons.append("the grader had failed before")
    return tuple(reasons) or (
        "the same grader, checks and libraries: nothing explains another grade, so please report a bug",
    )
