"""The words of a Report in every medium: which checks it shows, where a line is, and the next step of the student."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from grader.grading.report import CheckResult, Diagnosis, ExerciseResult, Line, Report, Status
from grader.predictions import EXERCISE, NAME, Answer, Prediction
from grader.sandbox.limits.limits import DROPPED
from grader.submission.formats import SESSION, format_of
from grader.toolkit.text import LINE_LIMIT, clean, one_line, plural

DONE = "All points. Well done."
FAULT = "the grader itself failed on some checks, and no points are lost"
COURSE = "a check of this course has an error, and no points are lost. Tell your instructor."
PREDICT = "first predict what will happen"
_NO_GRADE = {
    "not_a_grade": "This run was not isolated: it is not a grade.",
    "partial": "You graded only part of the section.",
}
_QUIET = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)


def word_of(status: Status) -> str:
    """A status in words."""
    return status.value.replace("_", " ")


def points(value: float) -> str:
    """Format points: one decimal, or two where they are needed."""
    text = f"{value:.2f}"
    return text[:-1] if text.endswith("0") else text


def short_number(value: float) -> str:
    """A number with at most six decimals and no trailing zeros: 9, 9.5, 0.333333."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def change_in_words(changes: Mapping[str, float]) -> str:
    """The points that exercises have gained or lost since the last grading; "" if none."""
    if not changes:
        return ""
    each = [name if len(changes) == 1 else f"{name} {_signed(change)}" for name, change in changes.items()]
    return f"{_signed(sum(changes.values()))} since the last grading: {', '.join(each)}"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{points(abs(value))}"


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


def no_grade(report: Report) -> str:
    """Why the points of a Report are not the grade of its section; "" if they are."""
    return _NO_GRADE.get(report.status, "")


def has_failures(exercise: ExerciseResult) -> bool:
    """Whether there is more to show of an exercise than its line."""
    return any(check.status not in _QUIET for check in exercise.checks)


def notes_of(check: CheckResult) -> list[str]:
    """The notes of a check, the first with the time that its computation took."""
    first, others = check.notes[:1], check.notes[1:]
    return [f"{text}{_time(check)}" for text in first] + others


def message_of(check: CheckResult) -> str:
    """Why a check did not pass, and how long its computation took, if no note says so; "" if the table shows all of it.

    Below an exception stand the values at its line. They differ from check to check, so they are no part of its message.
    """
    if check.in_table:
        return ""
    text = check.message if check.notes or not _time(check) else f"{check.message} ({_time(check)[2:]})"
    return "\n".join(filter(None, (text, check.values)))


def _time(check: CheckResult) -> str:
    return "" if check.compute_seconds is None else f", {check.compute_seconds:.0f} s of computing"


FILE_LEVEL = "<module>"  # as Python calls the code outside of functions


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


class Ahead(Enum):
    """The kinds of next steps."""

    DONE = "done"
    FAULT = "fault"
    COURSE = "course"
    PREDICT = "predict"
    WORK = "work"


@dataclass(frozen=True)
class Step:
    """The next step of a student: for work a `task`, such as "fix scale (a.py:12)", and then to grade the `exercise`.

    Of a file that does not load, it is "" for the whole section.
    """

    kind: Ahead
    section: str = ""
    task: str = ""
    exercise: str = ""
    has_hint: bool = False

    @property
    def hint(self) -> str:
        """The command that gives a hint, or ""."""
        return f"grade hint {self.section} {self.exercise}" if self.has_hint else ""


def step_after(reports: Sequence[Report]) -> Step:
    """The next step after these Reports: a grader error comes first, then the first exercise without all points."""
    faults = [check for report in reports for check in report.checks if check.status is Status.GRADER_ERROR]
    if faults:
        return Step(Ahead.COURSE if any(check.raised_in_check for check in faults) else Ahead.FAULT)
    for report in reports:
        # A file without functions may be empty.
        nothing = not report.lines and not format_of(report.submission).has_cells
        for exercise in report.exercises:
            if not exercise.passed and not (nothing and exercise.name == EXERCISE and len(report.exercises) > 1):
                return _step(report, exercise)
    return Step(Ahead.DONE)


def _step(report: Report, exercise: ExerciseResult) -> Step:
    if place := stops_at(report):
        return Step(Ahead.WORK, report.section, f"fix {place}")
    if exercise.name == EXERCISE:
        return Step(Ahead.PREDICT, report.section, PREDICT, EXERCISE)
    task, name = task_of(report, exercise)
    has_hint = exercise.status not in (Status.NOT_STARTED, Status.BLOCKED)
    return Step(Ahead.WORK, report.section, task, name, has_hint)


def task_of(report: Report, exercise: ExerciseResult) -> tuple[str, str]:
    """The next step for an exercise that is not right, and the name of the exercise to begin with: it may wait for another."""
    name, missing = _next_for(exercise), [check for check in exercise.checks if check.status is not Status.PASSED]
    if place := stops_at(report):
        return f"fix {place}", name
    if name == EXERCISE:
        return f"answer the questions in {NAME}", name
    line = report.lines.get(name)
    verb = "write" if exercise.status is Status.NOT_STARTED else "fix"
    if all(check.points > 0 for check in missing):  # right as far as it goes, but not yet good enough
        verb = "improve"
    place = "" if report.submission == SESSION else f" ({report.submission}{f':{line}' if line else ''})"
    return f"{verb} {name}{place}", name


def stops_at(report: Report) -> str:
    """Where a file stops loading; "" if it does not. The cells after a failing cell are graded all the same."""
    late = [check for check in report.checks if check.status is Status.TIMED_OUT]
    endless = next((line for check in late for line in check.lines if line.function == FILE_LEVEL), None)
    lines = report.notice_lines[-1:] or [line for line in [endless] if line is not None]
    if not report.unread and (not lines or format_of(report.submission).has_cells):
        return ""
    return place_and_code(report.submission, lines[0])[0] if lines else report.submission


def _next_for(exercise: ExerciseResult) -> str:
    """The exercise to work on first: this one, or the exercise that it waits for."""
    blocked = next((check.blocked_by for check in exercise.checks if check.blocked_by is not None), None)
    return blocked.exercise if blocked is not None and exercise.status is Status.BLOCKED else exercise.name


def shown_output(output: str) -> list[str]:
    """The first lines of the output of the student's code, and the number of further lines; the end of a flood was dropped."""
    lines = output.rstrip().splitlines()
    shown = lines[:_SHOWN_LINES_OF_OUTPUT]
    more, dropped = len(lines) - len(shown), lines.count(DROPPED)
    count = f"at least {more - 2 * dropped}" if dropped else f"{more}"  # each such line stands below a part of a line
    return [*shown, f"… ({count} more lines)"] if more else shown


@dataclass(frozen=True)
class PredictionText:
    """The parts of a prediction that each renderer shows: rows of a label, an answer and a verdict, then sentences."""

    rows: list[tuple[str, str, str]]
    remarks: list[str]


def prediction_text(prediction: Prediction) -> PredictionText:
    """Put a prediction, the outcome and the reasons into words."""
    if prediction.predicted is None:
        return PredictionText([], [prediction.missing or f"Not answered yet. Answer: {prediction.question.allowed}"])
    rows = [("You predicted", shown(prediction.predicted), "")]
    if prediction.outcome is not None:
        rows.append(("What happens", shown(prediction.outcome), verdict(prediction)))
    return PredictionText(rows, [text for text in (prediction.because, prediction.missing) if text])


def shown(answer: Answer) -> str:
    """An answer as a person reads it."""
    return one_line(answer) if isinstance(answer, str) else f"{answer:.6g}"


def verdict(prediction: Prediction) -> str:
    """How a prediction and the outcome compare, in words."""
    if not prediction.agrees:
        return "not as you predicted"
    answers = {shown(one) for one in (prediction.predicted, prediction.outcome) if one is not None}
    return "as you predicted" if len(answers) == 1 else "close to your prediction"
