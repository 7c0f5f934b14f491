"""A grading with less detail, `grade SECTION --quiet`, or with more, `--verbose`."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import CheckResult, Report, Status
from grader.render.terminal.text_layout import aligned, indented, style_of
from grader.render.words import points, word_of

_NO_GRADE = {"not_a_grade": "not a grade", "partial": "a part of the section"}


def render_brief(reports: Sequence[Report], console: Console) -> None:
    """Print the points of each section, and the exercises without all points."""
    rows = [
        (
            Text(report.section),
            Text(f"{points(report.points)} / {points(report.max_points)} points"),
            Text(_rest(report)),
        )
        for report in reports
    ]
    indented(console, aligned(rows, right=(1,)), 0, above=0)


def _rest(report: Report) -> str:
    """The facts that the points do not tell."""
    faults = any(check.status is Status.GRADER_ERROR for check in report.checks)
    missing = ", ".join(exercise.name for exercise in report.exercises if not exercise.passed)
    words = [
        _NO_GRADE.get(report.status, ""),
        "grader error" if faults else "",
        f"not yet: {missing}" if missing else "",
    ]
    return "; ".join(word for word in words if word)


def render_every_check(report: Report, console: Console) -> None:
    """Print each exercise with a line per check: its points, status, seconds and title."""
    for exercise in report.exercises:
        indented(console, Text(exercise.name, "bold"), 2)
        indented(console, aligned([_row(check) for check in exercise.checks], right=(0, 2)), 4, above=0, wrap=False)


def _row(check: CheckResult) -> tuple[Text, ...]:
    score = f"{points(check.points)} / {points(check.max_points)}"
    status = Text(word_of(check.status), style_of(check.status))
    return Text(score), status, Text(f"{check.seconds:.2f} s", "dim"), Text(check.title)
