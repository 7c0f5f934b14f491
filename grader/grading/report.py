"""The Report: the one record of a grading. Everything that shows, stores or sends a grade reads only this."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

SCHEMA_VERSION = 1
UNREAD = "Your file raised "  # how the message of a check begins that could call nothing


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


class Line(msgspec.Struct, frozen=True):
    """A line of the student's file that an exception passed through."""

    line: int
    function: str
    text: str


class Input(msgspec.Struct, frozen=True):
    """One argument of the call that gave the wrong answer."""

    name: str
    value: str


class Comparison(msgspec.Struct, frozen=True):
    """What was expected beside what came."""

    label: str
    expected: str
    got: str
    differs: bool


class Counterexample(msgspec.Struct, frozen=True):
    """The call that shows what is wrong; `smallest` says that smaller ones were looked for."""

    call: str
    inputs: list[Input]
    rows: list[Comparison]
    smallest: bool = False


class Diagnosis(msgspec.Struct, frozen=True):
    """A known mistake that the submission agrees with."""

    mistake: str
    message: str


class CheckResult(msgspec.Struct, frozen=True):
    """One check's outcome. `seconds` is wall-clock time and no part of the verdict."""

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


class Report(msgspec.Struct, frozen=True):
    """The grading of one section of one submission.

    `status` is "graded" when every check of the section was considered, "partial" when only some were asked for, "grader_error"
    when the grader failed on any, and "not_a_grade" for a run without isolation. `notice` is what the student should know
    about the file as a whole, such as where it stopped loading.
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

    @property
    def exercises(self) -> list["ExerciseResult"]:
        """The checks by exercise, in order."""
        groups: dict[str, list[CheckResult]] = {}
        for check in self.checks:
            groups.setdefault(check.exercise, []).append(check)
        return [ExerciseResult(name, checks) for name, checks in groups.items()]

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


def total(points: Any) -> float:
    """Add points without the dust of binary fractions."""
    return round(float(sum(points)), 6)


def to_json(record: Report | Summary) -> bytes:
    """The record as indented JSON, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"
