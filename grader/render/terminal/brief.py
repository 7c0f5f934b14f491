"""A grading in a line per section: `grade SECTION --quiet`."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import Report, Status
from grader.render.terminal.layout import aligned, indented, points

_NO_GRADE = {"not_a_grade": "not a grade", "partial": "a part of the section"}


def render(reports: Sequence[Report], console: Console) -> None:
    """Print the points of each section, and the exercises that do not have all of theirs."""
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
    """What the points do not say."""
    faults = any(check.status is Status.GRADER_ERROR for check in report.checks)
    missing = ", ".join(exercise.name for exercise in report.exercises if not exercise.passed)
    words = [
        _NO_GRADE.get(report.status, ""),
        "grader error" if faults else "",
        f"not yet: {missing}" if missing else "",
    ]
    return "; ".join(word for word in words if word)
