"""Print a pass of `grade author`: right answers, the matrix of mistakes, and the message to the student for each mistake."""

from datetime import datetime

from rich.console import Console
from rich.text import Text

from grader.audit.audit import KILLS, Finding
from grader.audit.author_pass import AuthorPass
from grader.render.terminal.audit_matrix import render_matrix, render_problems, render_stumbles
from grader.render.terminal.terminal import explanation
from grader.render.terminal.text_layout import heading, indented
from grader.render.words import points
from grader.toolkit.text import plural


def render_pass(found: AuthorPass, when: datetime, console: Console) -> None:
    """Print all findings, and the messages for the students of mistakes that were tried in this pass."""
    audit = found.audit
    title = heading(audit.section.label, audit.section.topic)
    console.print()
    console.print(Text.assemble((title, "bold"), (f"  {when:%H:%M:%S}", "dim")), soft_wrap=True)
    _right_answers(found, console)
    render_matrix(audit, console)
    for finding in audit.of("mistake"):
        if finding.answer in found.fresh:
            _message(finding, console)
    console.print()
    render_stumbles(audit.findings, console)
    render_problems(audit.findings, console)
    before = len(audit.findings) - len(found.fresh)
    console.print(f"{plural(len(found.fresh), 'answer')} graded{f', {before} as before' if before else ''}.")


def _right_answers(found: AuthorPass, console: Console) -> None:
    for finding in (*found.audit.of("solution"), *found.audit.of("stub"), *found.audit.of("variant")):
        answer, report = finding.answer, finding.report
        name = answer.name if answer.kind == answer.name else f"{answer.kind} {answer.name}"
        text = Text(f"  {name}: {points(report.points)} / {points(report.max_points)}")
        text.append(", not right" if finding.problems else "", "red")
        console.print(text, soft_wrap=True)


def _message(finding: Finding, console: Console) -> None:
    """The first failed check of a mistake, as its student reads it."""
    name = f"{finding.answer.exercise}.{finding.answer.name}"
    failed = [check for check in finding.report.checks if check.status in KILLS]
    if not failed:
        indented(console, Text.assemble((name, "bold"), ": its student reads nothing, and keeps all points."), 2)
        return
    shown = [check for check in failed if not check.hidden] or failed
    check = next((check for check in shown if check.diagnosis), shown[0])
    reader = "only instructors read" if check.hidden else "its student reads"
    indented(console, Text.assemble((name, "bold"), f": {reader}, at ", (check.title, "bold")), 2)
    indented(console, Text(explanation(finding.report, check, check.diagnosis)), 4, above=0, wrap=False)
