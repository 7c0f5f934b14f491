"""Every check of a Report, for whoever wants to know what was looked at: `grade SECTION --verbose`."""

from rich.console import Console
from rich.text import Text

from grader.grading.report import CheckResult, ExerciseResult, Report
from grader.render.terminal.layout import aligned, indented, points, style_of, word_of


def every_check(report: Report, console: Console) -> None:
    """Print each exercise with a line per check: its points, how it ended, how long it took, what it looks at."""
    for exercise in report.exercises:
        indented(console, Text(exercise.name, "bold"), 2)
        indented(console, _table(exercise), 4, above=0, wrap=False)


def _table(exercise: ExerciseResult) -> Text:
    return aligned([_row(check) for check in exercise.checks], right=(0, 2))


def _row(check: CheckResult) -> tuple[Text, ...]:
    score = f"{points(check.points)} / {points(check.max_points)}"
    status = Text(word_of(check.status), style_of(check.status))
    return Text(score), status, Text(f"{check.seconds:.2f} s", "dim"), Text(check.title)
