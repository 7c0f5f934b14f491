"""A line for each failed check, FILE:LINE: error: message, as editors read it: `grade SECTION --lines`."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import CheckResult, Diagnosis, Report
from grader.render.terminal.detail import render_brief
from grader.render.words import message_of, shown_checks
from grader.toolkit.text import SENTENCES_LIMIT, harmless, one_line


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
    """The lines of Reports; `files` gives the path of each section's file."""
    return [line for report in reports for line in _of(report.for_student(), files.get(report.section, ""))]


def _of(report: Report, file: str) -> Iterator[str]:
    file = one_line(file or report.submission)
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
