"""A grading with less detail, `grade SECTION --quiet`, with more, `--verbose`, or as editors read it, `--lines`."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import CheckResult, Diagnosis, Report, Status
from grader.render.terminal.text_layout import aligned, indented, style_of
from grader.render.words import message_of, points, shown_checks, word_of
from grader.toolkit.text import PATH_LIMIT, SENTENCES_LIMIT, harmless, one_line

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


def render_for_editor(reports: Sequence[Report], files: Mapping[str, str], console: Console, trouble: str = "") -> None:
    """Print what an editor reads of a grading of a watch: its lines, between a first and a last that never change.

    By these two, an editor knows when to forget the marks of the grading before, and when all new ones are there.
    `trouble` is the line of a file that cannot be graded.
    """
    console.print("Graded on a save:")
    for line in filter(None, (trouble, *problem_lines(reports, files))):
        console.print(Text(harmless(line)), soft_wrap=True)
    render_brief(reports, console)
    console.print("Waiting for the next save. Ctrl-C ends it.")


def problem_lines(reports: Sequence[Report], files: Mapping[str, str]) -> list[str]:
    """A line for each failed check, FILE:LINE: error: message; `files` gives the path of each section's file."""
    return [line for report in reports for line in _of(report.for_student(), files.get(report.section, ""))]


def _of(report: Report, file: str) -> Iterator[str]:
    file = one_line(file or report.submission, PATH_LIMIT)
    if report.notice:
        line = report.notice_lines[-1].line if report.notice_lines else 1
        is_error = report.unread or bool(report.notice_lines)
        yield problem_line(file, report.notice, line, "error" if is_error else "warning")
    if report.unread:
        return
    for found in shown_checks(report):
        for check, diagnosis in found.shown:
            line = check.lines[-1].line if check.lines else report.lines.get(check.exercise, 1)
            yield problem_line(file, _words(check, diagnosis), line)


def problem_line(file: str, words: str, line: int = 1, severity: str = "error") -> str:
    """A line for an editor."""
    return f"{file}:{line}: {severity}: {one_line(words, SENTENCES_LIMIT)}"


def _words(check: CheckResult, diagnosis: Diagnosis | None) -> str:
    """The check, the first value that differs, and the likely mistake."""
    rows = check.counterexample.rows if check.counterexample is not None else []
    wrong = next((row for row in rows if row.differs), None)
    parts = [f"{check.exercise}: {check.title}.", message_of(check)]
    if wrong is not None:
        parts.append(f"{wrong.label}: expected {wrong.expected}, yours {wrong.got}.")
    if diagnosis is not None:
        parts.append(diagnosis.message)
    return " ".join(part for part in parts if part)
