"""A line for each failed check, FILE:LINE: error: message, as editors read it: `grade SECTION --lines`."""

from collections.abc import Iterator, Mapping, Sequence

from grader.grading.report import CheckResult, Diagnosis, Report
from grader.render.words import message_of, shown_checks
from grader.toolkit.text import SENTENCES_LIMIT, one_line


def problem_lines(reports: Sequence[Report], files: Mapping[str, str]) -> list[str]:
    """The lines of Reports; `files` gives the path of each section's file."""
    return [line for report in reports for line in _of(report.for_student(), files.get(report.section, ""))]


def _of(report: Report, file: str) -> Iterator[str]:
    file = one_line(file or report.submission)
    if report.notice:
        line = report.notice_lines[-1].line if report.notice_lines else 1
        yield _line(file, line, "error" if report.unread or report.notice_lines else "warning", report.notice)
    if report.unread:
        return
    for found in shown_checks(report):
        for check, diagnosis in found.shown:
            line = check.lines[-1].line if check.lines else report.lines.get(check.exercise, 1)
            yield _line(file, line, "error", _words(check, diagnosis))


def _line(file: str, line: int, severity: str, words: str) -> str:
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
