"""Reports on the page of a workflow run on GitHub: annotations on the student's own lines, and a summary in Markdown.

The limits are those of GitHub's documentation, "Workflow commands for GitHub Actions".
"""

import html
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.grading.report import CheckResult, Diagnosis, ExerciseResult, Report, Status
from grader.render.terminal.terminal import explanation, step_text
from grader.render.words import no_grade, place_and_code, points, shown_checks, status_of, word_of
from grader.toolkit.text import clean, harmless, one_line, plural

_MESSAGE_LIMIT = 2000  # characters, beside a line of code
ANNOTATIONS = 10  # errors per step; GitHub drops more
SUMMARY_BYTES = 1024 * 1024  # per step; GitHub does not show a longer summary
_CUT = "\nA summary holds 1 MiB: the rest is left out. The log of this step has everything.\n"
_ENDS = {"<pre>": "</pre>\n", "<details>": "\n</details>\n"}  # the inner tag first


@dataclass(frozen=True)
class Annotation:
    """An annotation on GitHub, on a line of a file if there is one."""

    title: str
    message: str
    file: str = ""
    line: int | None = None
    level: str = "error"

    @property
    def command(self) -> str:
        """The line to print. No word in it can end it."""
        properties = {"file": self.file, "line": str(self.line or ""), "title": self.title}
        listed = ",".join(
            f"{name}={_property(harmless(one_line(value)))}" for name, value in properties.items() if value
        )
        return f"::{self.level} {listed}::{_data(harmless(clean(self.message, _MESSAGE_LIMIT)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


@contextmanager
def no_commands() -> Iterator[None]:
    """Inside the block, the runner reads no printed text as a command."""
    token = secrets.token_hex(16)  # a submission cannot guess it
    print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        print(f"\n::{token}::", flush=True)  # on its own line


def annotations(reports: Sequence[Report], files: Mapping[str, str]) -> list[Annotation]:
    """The annotations, at most as many as GitHub shows: first one failure of each exercise, then the others.

    `files` gives the path of each section's file from the root of the repository.
    """
    shown = [report.for_student() for report in reports]
    first, others = [], []
    for report in shown:
        file = files.get(report.section, "")
        if report.notice:
            first.append(_of_notice(report, file))
        if report.unread:
            continue  # the notice says all about a file that is not Python
        for found in shown_checks(report):
            own = [(check, why) for check, why in found.shown if check.status is not Status.GRADER_ERROR]
            made = [_of_check(report, check, why, file) for check, why in own]
            first += made[:1]
            others += made[1:]
    faults = [check for report in shown for check in report.checks if check.status is Status.GRADER_ERROR]
    return [*(first + others)[:ANNOTATIONS], *([_of_faults(faults)] if faults else [])]


def _of_check(report: Report, check: CheckResult, diagnosis: Diagnosis | None, file: str) -> Annotation:
    """An annotation at the line of the exception, else at the first line of the exercise."""
    line = check.lines[-1].line if check.lines else report.lines.get(check.exercise)
    return Annotation(
        f"{check.exercise}: {check.title}",
        explanation(report, check, diagnosis),
        file,
        line if _has_lines(report, file) else None,
    )


def _of_notice(report: Report, file: str) -> Annotation:
    line = report.notice_lines[-1] if report.notice_lines else None
    shown = _has_lines(report, file) and line is not None
    words = f"{report.notice}\n{line.text}" if line is not None else report.notice
    return Annotation(report.title, words, file, line.line if shown and line is not None else None)


def _has_lines(report: Report, file: str) -> bool:
    """Whether GitHub shows the student's lines of that file: not of a notebook, nor inside an archive."""
    return file.endswith(".py") and report.submission.endswith(".py")


def _of_faults(checks: Sequence[CheckResult]) -> Annotation:
    names = ", ".join(dict.fromkeys(check.exercise for check in checks))
    words = f"The grader itself failed on {plural(len(checks), 'check')} ({names}). No points are lost: run this again."
    return Annotation("Grader error", words, level="warning")


def summary(reports: Sequence[Report], limit: int = SUMMARY_BYTES) -> bytes:
    """The summary in Markdown, of at most `limit` bytes. The submission's words stand between `<pre>` and `</pre>`."""
    page = "".join(piece for report in reports for piece in _section(report.for_student()))
    page += f"\n{_pre(step_text([report.for_student() for report in reports]).plain.strip())}"
    return _fitted(page.encode(), limit)


def _fitted(page: bytes, limit: int) -> bytes:
    """Cut a page between two lines, outside of a `<pre>`, so that it fits."""
    if len(page) <= limit:
        return page
    reserve = sum(len(end) for end in (*_ENDS.values(), _CUT))
    kept = page[: max(0, limit - reserve)]
    kept = kept[: kept.rfind(b"\n") + 1]
    for begin, end in _ENDS.items():
        if kept.count(begin.encode()) > kept.count(end.strip().encode()):
            kept += end.encode()
    whole = kept + _CUT.encode()
    return whole if len(whole) <= limit else b""


def _section(report: Report) -> Iterator[str]:
    yield f"## {html.escape(report.title)}\n\n**{points(report.points)} / {points(report.max_points)} points**\n\n"
    if why := no_grade(report):
        yield f"{why}\n\n"
    yield "| exercise | points | |\n| --- | ---: | --- |\n"
    for exercise in report.exercises:
        yield _row(exercise)
    yield "\n"
    if report.notice:
        yield _pre(clean(report.notice))
    for found in shown_checks(report):
        for check, diagnosis in found.shown:
            yield _details(report, check, diagnosis)
        if found.silent and not report.notice:
            yield f"{plural(found.silent, 'more check')} of `{found.exercise.name}` with the same result.\n\n"


def _row(exercise: ExerciseResult) -> str:
    score = f"{points(exercise.points)} / {points(exercise.max_points)}"
    return f"| `{exercise.name}` | {score} | {_in_words(exercise)} |\n"


def _in_words(exercise: ExerciseResult) -> str:
    """An exercise's status, without words of the submission."""
    return word_of(exercise.status) if exercise.status is Status.BLOCKED else status_of(exercise)


def _details(report: Report, check: CheckResult, diagnosis: Diagnosis | None) -> str:
    ended = "" if check.status is Status.FAILED else f" ({word_of(check.status)})"
    title = f"<b>{html.escape(check.exercise)}</b>: {html.escape(check.title)}{ended}"
    place = place_and_code(report.submission, check.lines[-1])[0] if check.lines else ""
    at = f", {html.escape(one_line(place))}" if place else ""
    text = explanation(report, check, diagnosis)
    if check.stdout:
        text += f"\n\nYour code printed:\n{clean(check.stdout)}"
    return f"<details><summary>{title}{at}</summary>\n\n{_pre(text)}</details>\n\n"


def _pre(text: str) -> str:
    """Text that Markdown does not read: this HTML block lasts until its end tag, and the text can hold no tag."""
    return f"<pre>\n{html.escape(text)}\n</pre>\n\n"


def append_summary(path: Path, reports: Sequence[Report]) -> None:
    """Append the summary to the file that the runner shows.

    Raises:
        OSError: the file cannot be written.
    """
    there = path.stat().st_size if path.exists() else 0
    with path.open("ab") as file:
        file.write(summary(reports, SUMMARY_BYTES - there))
