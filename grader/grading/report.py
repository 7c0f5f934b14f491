"""The Report: the one record of a grading. Everything that shows, stores or sends a grade reads only this."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from grader.toolkit.trajectory import Trajectory

SCHEMA_VERSION = 2


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    BLOCKED = "blocked"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    FORBIDDEN = "forbidden"
    GRADER_ERROR = "grader_error"


WRONG = (Status.FAILED, Status.CRASHED, Status.TIMED_OUT, Status.FORBIDDEN)  # the submission is at fault


class Line(msgspec.Struct, frozen=True):
    """A line of the student's file that an exception passed through. In a notebook, `cell_line` is its number in the `cell`."""

    line: int
    function: str
    text: str
    cell: int = 0
    cell_line: int = 0


class Input(msgspec.Struct, frozen=True):
    """One argument of the call that gave the wrong answer."""

    name: str
    value: str


class Comparison(msgspec.Struct, frozen=True):
    """Expected beside received values."""

    label: str
    expected: str
    got: str
    differs: bool


class Counterexample(msgspec.Struct, frozen=True):
    """The call that shows what is wrong; `smallest` says that smaller ones were looked for.

    Where a sequence of steps went wrong, `trajectory` holds it, and the rows show its first wrong step.
    """

    call: str
    inputs: list[Input]
    rows: list[Comparison]
    smallest: bool = False
    trajectory: Trajectory | None = None


class Diagnosis(msgspec.Struct, frozen=True):
    """A known mistake that the submission agrees with."""

    mistake: str
    message: str


class Blocker(msgspec.Struct, frozen=True):
    """The check that has to pass first, and its exercise. A student does not see the id of a hidden check."""

    exercise: str
    check: str = ""


class Disturbance(msgspec.Struct, frozen=True):
    """A changed input that should stay the same."""

    message: str
    counterexample: Counterexample | None = None


class CheckResult(msgspec.Struct, frozen=True, rename={"measurements": "figures"}):
    """One check's outcome.

    Times are not part of the verdict: `seconds` by the clock, `compute_seconds` of a long computation if the check measures it.
    `measurements` are others, by name; a leaderboard compares those in `ranks`, in this order, each with "highest" or "lowest"
    as its best. `message` consists of whole sentences, which no reader parses. `blocked_by` is the check that must pass first,
    `raised` the type of an exception in the student's code, and `values` a sentence about the variables in the expression that
    raised it. With `in_table`, the message only names a wrong row of the counterexample; with `repeats_notice`, it says the same
    as the Report's notice. The generated check "Leaves its inputs unchanged" judges `disturbance`. `raised_in_check` is an error
    of the check itself or of a program that it ran, with its line: an answer that it did not expect, or an author's error. A
    `hidden` check is for instructors; `Report.for_student` removes it.
    """

    id: str
    exercise: str
    title: str
    status: Status
    points: float
    max_points: float
    message: str = ""
    diagnosis: Diagnosis | None = None
    counterexample: Counterexample | None = None
    lines: list[Line] = []
    notes: list[str] = []
    stdout: str = ""
    seconds: float = 0.0
    hidden: bool = False
    measurements: dict[str, float] = {}
    disturbance: Disturbance | None = None
    blocked_by: Blocker | None = None
    raised: str = ""
    in_table: bool = False
    repeats_notice: bool = False
    compute_seconds: float | None = None
    ranks: dict[str, str] = {}
    raised_in_check: str = ""
    values: str = ""


class Report(msgspec.Struct, frozen=True):
    """The grading of one section of one submission.

    `status` is "graded" when every check of the section was considered, "partial" when only some were asked for, "grader_error"
    when the grader failed on any, and "not_a_grade" for a run without isolation. `notice` is what the student should know
    about the file as a whole, such as where it stopped loading; its exception passed through the `notice_lines`.
    An `unread` file is not Python, and no line of it ran. `title` is `label` and `topic` together.
    """

    schema_version: int
    section: str
    title: str
    submission: str
    points: float
    max_points: float
    status: str
    sandbox: dict[str, Any]
    versions: dict[str, str]
    checks: list[CheckResult]
    notice: str = ""
    lines: dict[str, int] = {}  # where each exercise starts in the submission
    label: str = ""  # such as "Section 4"
    topic: str = ""
    number: int = 0  # of the section
    unread: bool = False
    notice_lines: list[Line] = []

    @property
    def exercises(self) -> list["ExerciseResult"]:
        """The checks by exercise, in order."""
        groups: dict[str, list[CheckResult]] = {}
        for check in self.checks:
            groups.setdefault(check.exercise, []).append(check)
        return [ExerciseResult(name, checks) for name, checks in groups.items()]

    def with_checks(self, checks: list[CheckResult]) -> "Report":
        """This Report of other checks, with their points."""
        points, maximum = total(check.points for check in checks), total(check.max_points for check in checks)
        return msgspec.structs.replace(self, checks=checks, points=points, max_points=maximum)

    def for_student(self) -> "Report":
        """This Report for the student: the hidden checks of an exercise become one sum of points."""
        hidden = [check for check in self.checks if check.hidden]
        if not hidden:
            return self
        ids = {check.id for check in hidden}
        checks = []
        for exercise in self.exercises:
            checks += [_for_student(check, ids) for check in exercise.checks if not check.hidden]
            others = [check for check in hidden if check.exercise == exercise.name]
            checks += [_summed(others)] if others else []
        return msgspec.structs.replace(self, checks=checks)

    @property
    def exit_code(self) -> int:
        """0 all points, 1 points missing, 3 grader error."""
        if any(check.status is Status.GRADER_ERROR for check in self.checks):
            return 3
        return 0 if all(check.status is Status.PASSED for check in self.checks) else 1


class ExerciseResult(msgspec.Struct, frozen=True):
    """An exercise's checks, and their sum."""

    name: str
    checks: list[CheckResult]

    @property
    def points(self) -> float:
        return total(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return total(check.max_points for check in self.checks)

    @property
    def passed(self) -> bool:
        return all(check.status is Status.PASSED for check in self.checks)

    @property
    def status(self) -> Status:
        """The first status that is not a consequence of another check's."""
        statuses = [check.status for check in self.checks]
        for status in statuses:
            if status not in (Status.PASSED, Status.BLOCKED):
                return status
        return Status.PASSED if self.passed else Status.BLOCKED


class Summary(msgspec.Struct, frozen=True):
    """Several sections' Reports: what `grade all --json` writes."""

    schema_version: int
    points: float
    max_points: float
    sections: list[Report]

    @classmethod
    def of(cls, reports: Sequence[Report]) -> "Summary":
        points, maximum = total(r.points for r in reports), total(r.max_points for r in reports)
        return cls(SCHEMA_VERSION, points, maximum, list(reports))


def _for_student(check: CheckResult, hidden: Collection[str]) -> CheckResult:
    """A check that may wait for a hidden one, without its name."""
    if check.blocked_by is None or check.blocked_by.check not in hidden:
        return check
    blocker = Blocker(check.exercise)
    return msgspec.structs.replace(check, blocked_by=blocker, message=describe_blocker(blocker, check.exercise))


def describe_blocker(blocker: Blocker, exercise: str, title: str = "") -> str:
    """Why a check of `exercise` did not run; `title` belongs to the check that must pass first."""
    if blocker.exercise != exercise:
        return f"blocked by {blocker.exercise}"
    other = f'"{title}"' if title else "another check"
    return f"counts once {other} passes"


def _summed(hidden: Sequence[CheckResult]) -> CheckResult:
    """An exercise's hidden checks as one check that shows only the points."""
    name = hidden[0].exercise
    points, maximum = total(check.points for check in hidden), total(check.max_points for check in hidden)
    statuses = {check.status for check in hidden}
    status = statuses.pop() if len(statuses) == 1 else Status.FAILED
    if any(check.status is Status.GRADER_ERROR for check in hidden):
        status = Status.GRADER_ERROR
    elif status not in (Status.PASSED, Status.NOT_STARTED, Status.BLOCKED):
        status = Status.FAILED
    message = f"other checks of {name}: {points:g} of {maximum:g} points"
    return CheckResult(f"{name}_other_checks", name, "other checks", status, points, maximum, message)


def total(points: Any) -> float:
    """Add points without rounding errors."""
    return round(float(sum(points)), 6)


def to_json(record: Report | Summary) -> bytes:
    """The record as indented JSON, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
