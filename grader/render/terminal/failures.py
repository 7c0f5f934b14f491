"""Which checks of a Report are shown in full, and which only say again what was said."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.grading.report import UNREAD, CheckResult, Diagnosis, ExerciseResult, Report, Status

_QUIET = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)


@dataclass
class Failures:
    """An exercise's checks to show, each with the diagnosis to show below it, if any; `silent` more have the same result."""

    exercise: ExerciseResult
    shown: list[tuple[CheckResult, Diagnosis | None]] = field(default_factory=list)
    silent: int = 0


def failures_of(report: Report, only: str | None = None) -> Iterator[Failures]:
    """What is to be shown, of all exercises or `only` one: what was said of the whole file or of it is not said again."""
    whole_file = {report.notice}
    for exercise in report.exercises:
        if only not in (None, exercise.name):
            continue
        found, said = Failures(exercise), set(whole_file)
        diagnosis = next((check.diagnosis for check in exercise.checks if check.diagnosis), None)
        for check in exercise.checks:
            if check.status in _QUIET or is_unread(check):
                continue
            if any(text.startswith(check.message) for text in said):
                found.silent += 1
                continue
            said.add(check.message)
            if check.counterexample is None:  # no call was made: the same holds for every exercise
                whole_file.add(check.message)
            found.shown.append((check, diagnosis))
            diagnosis = None  # one holds for the exercise: it is said where one begins to read
        yield found


def has_failures(exercise: ExerciseResult) -> bool:
    """Whether there is more to show of an exercise than its line."""
    return any(check.status not in _QUIET for check in exercise.checks)


def is_unread(check: CheckResult) -> bool:
    """Whether a check failed because the file cannot even be parsed: nothing more is to be said of it."""
    return check.status is Status.FAILED and check.message.startswith(UNREAD)


def is_in_table(check: CheckResult) -> bool:
    """Whether a message says only which row of the comparison is wrong."""
    rows = check.counterexample.rows if check.counterexample else []
    return check.message.startswith("Wrong: ") and any(row.differs for row in rows)
