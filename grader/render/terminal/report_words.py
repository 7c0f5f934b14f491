"""The words of a Report that every renderer uses: which checks it shows, where a line is, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.grading.report import CheckResult, Diagnosis, ExerciseResult, Line, Report, Status
from grader.predictions import EXERCISE, NAME
from grader.render.terminal.text_layout import word_of
from grader.toolkit.text import LINE_LIMIT, clean, plural

_QUIET = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)


@dataclass
class ShownChecks:
    """An exercise's checks to show, each with the diagnosis to show below it, if any; `silent` more have the same result."""

    exercise: ExerciseResult
    shown: list[tuple[CheckResult, Diagnosis | None]] = field(default_factory=list)
    silent: int = 0


def shown_checks(report: Report, only: str | None = None) -> Iterator[ShownChecks]:
    """The checks to show in full, of all exercises or `only` one, without repetitions."""
    whole_file: set[str] = set()
    for exercise in report.exercises:
        if only not in (None, exercise.name):
            continue
        found, said = ShownChecks(exercise), set(whole_file)
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


SESSION = "this_session.ipynb"  # what is graded from within Jupyter, which has no name that we know


def place_and_code(submission: str, line: Line) -> tuple[str, str]:
    """The file, the number of the line and its text; of a notebook the cell, and the line in the cell."""
    if not line.cell:
        return f"{submission}, line {line.line}", line.text
    place = f"In[{line.cell}]" if submission == SESSION else f"{submission}, cell {line.cell}"
    return f"{place}, line {line.cell_line}", line.text


_SHOWN_LINES_OF_OUTPUT = 12


def status_of(exercise: ExerciseResult) -> str:
    """An exercise's status in words."""
    status = exercise.status
    if status is Status.NOT_STARTED and exercise.points:
        status = Status.FAILED
    blocked = [check for check in exercise.checks if check.status is Status.BLOCKED]
    if status is Status.FAILED:
        passed = sum(check.status is Status.PASSED for check in exercise.checks)
        waiting = f", {len(blocked)} blocked" if blocked else ""
        return f"{passed} of {plural(len(exercise.checks), 'check')} passed{waiting}"
    if status is Status.BLOCKED:
        return clean(blocked[0].message, LINE_LIMIT)
    return word_of(status)


def task_of(report: Report, exercise: ExerciseResult) -> tuple[str, str]:
    """What to do about an exercise that is not right, and the name of the one to begin with: it may wait for another."""
    name, missing = first_of(exercise), [check for check in exercise.checks if check.status is not Status.PASSED]
    if report.unread:
        places = [place_and_code(report.submission, line)[0] for line in report.notice_lines[-1:]]
        return f"fix {(places or [report.submission])[0]}", name
    if name == EXERCISE:
        return f"answer the questions in {NAME}", name
    line = report.lines.get(name)
    verb = "write" if exercise.status is Status.NOT_STARTED else "fix"
    if all(check.points > 0 for check in missing):  # right as far as it goes, but not yet good enough
        verb = "improve"
    return f"{verb} {name} ({report.submission}{f':{line}' if line else ''})", name


def first_of(exercise: ExerciseResult) -> str:
    """The exercise to work on first: this one, or the one that it waits for."""
    blocked = next((check.blocked_by for check in exercise.checks if check.blocked_by is not None), None)
    return blocked.exercise if blocked is not None and exercise.status is Status.BLOCKED else exercise.name


def predict_command(command: str) -> str:
    """The command that asks the questions of what another one grades."""
    return command.replace("grade ", "grade predict ", 1)


def shown_output(output: str) -> list[str]:
    """The first lines of what the student's code printed, and how many more there are."""
    lines = output.rstrip().splitlines()
    shown = lines[:_SHOWN_LINES_OF_OUTPUT]
    return [*shown, f"… ({len(lines) - len(shown)} more lines)"] if len(lines) > len(shown) else shown
