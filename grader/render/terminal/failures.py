"""Which checks of a Report are shown in full, and which only say again what was said."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.grading.report import CheckResult, Diagnosis, ExerciseResult, Report, Status

_QUIET = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)


@dataclass
class Failures:
    """An exercise's checks to show, each with the diagnosis to show below it, if any; `silent` more have the same result."""

    exercise: ExerciseResult
    shown: list[tuple[CheckResult, Diagnosis | None]] = field(default_factory=list)
    silent: int = 0


def failures_of(report: Report, only: str | None = None) -> Iterator[Failures]:
    """What is to be shown, of all exercises or `only` one: what was said of the whole file or of it is not said again."""
    whole_file: set[str] = set()
    for exercise in report.exercises:
        if only not in (None, exercise.name):
            continue
        found, said = Failures(exercise), set(whole_file)
        diagnosis = next((check.diagnosis for check in exercise.checks if check.diagnosis), None)
        for check in exercise.checks:
            if check.status in _QUIET or check.repeats_notice:
                continue
            if check.message in said:
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


def notes_of(check: CheckResult) -> list[str]:
    """The notes of a check, the first with the time that its computation took."""
    first, others = check.notes[:1], check.notes[1:]
    return [f"{text}{_time(check)}" for text in first] + others


def message_of(check: CheckResult) -> str:
    """Why a check did not pass, and how long its computation took, if no note says so; "" if the table shows all of it."""
    if check.in_table:
        return ""
    return check.message if check.notes or not _time(check) else f"{check.message} ({_time(check)[2:]})"


def _time(check: CheckResult) -> str:
    return "" if check.compute_seconds is None else f", {check.compute_seconds:.0f} s of computing"
