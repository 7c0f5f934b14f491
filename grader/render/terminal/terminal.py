"""A Report for the eyes of a student in a terminal. No meaning by colour alone."""

import io
import textwrap
from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from grader.grading.report import CheckResult, Counterexample, Diagnosis, Line, Report, Status
from grader.render.path_plot import text_plot
from grader.render.terminal.detail import render_every_check
from grader.render.terminal.text_layout import (
    GLUE,
    WIDEST,
    aligned,
    clipped,
    heading,
    indented,
    inert,
    style_of,
    width_of,
)
from grader.render.words import (
    COURSE,
    DONE,
    FAULT,
    Ahead,
    message_of,
    no_grade,
    notes_of,
    place_and_code,
    points,
    shown_checks,
    shown_output,
    status_of,
    step_after,
    word_of,
)
from grader.submission.formats import format_of
from grader.toolkit.text import clean, plural


def render_reports(
    reports: Sequence[Report], console: Console, words: str | None = None, every_check_too: bool = False
) -> None:
    """Print reports, each with its failing checks, and then the next step; `words` name their files in a command."""
    for report in reports:
        render_body(report, console, every_check_too)
    if len(reports) > 1:
        earned, maximum = sum(r.points for r in reports), sum(r.max_points for r in reports)
        console.print(Text(f"\nIn all {points(earned)} / {points(maximum)} points", "bold"))
    console.print()
    for line in step_text(reports, width_of(console), words).split():
        console.print(inert(line), soft_wrap=True)  # the name of the file is a stranger's words


def render_body(report: Report, console: Console, every_check_too: bool = False, in_full: str | None = None) -> None:
    """Print a report without the next command. With `in_full`, print only the failing checks of that exercise."""
    _header(report, console)
    _exercises(report, console)
    if every_check_too:
        render_every_check(report, console)
    _notes(report, console)
    _notice(report, console)
    _failures(report, console, in_full)


def _header(report: Report, console: Console) -> None:
    title = heading(report.label, report.topic)
    score = f"{points(report.points)} / {points(report.max_points)} points"
    gap = max(2, width_of(console) - len(title) - len(score))
    console.print()
    console.print(Text.assemble((title, "bold"), " " * gap, (score, "bold")), soft_wrap=True)
    if why := no_grade(report):
        console.print(Text(why, "bold yellow"))
    if not report.unread:
        console.print()


def _exercises(report: Report, console: Console) -> None:
    """One line per exercise: name, points, status. Of a file that is not Python, none could be looked at."""
    rows = []
    for exercise in [] if report.unread else report.exercises:
        nothing = exercise.status in (Status.NOT_STARTED, Status.BLOCKED) and not exercise.points
        earned = "–" if nothing else points(exercise.points)
        score = f"{earned} / {points(exercise.max_points)}"
        status = Text(status_of(exercise), style_of(exercise.status))
        rows.append((Text(exercise.name), Text(score), status))
    if rows:
        indented(console, aligned(rows, right=(1,)), 2, above=0, wrap=False)


def _notes(report: Report, console: Console) -> None:
    notes = [f"{check.exercise}: {text}" for check in report.checks for text in notes_of(check)]
    if notes:
        indented(console, Text("\n".join(notes), "dim"), 2)


def _notice(report: Report, console: Console) -> None:
    """The error of the file as a whole, and its place."""
    if report.notice:
        indented(console, Text(report.notice, "yellow"), 2)
        in_text = format_of(report.submission).has_cells and not report.unread
        _lines(report, [] if in_text else report.notice_lines[-1:], console, 4)


def _failures(report: Report, console: Console, in_full: str | None) -> None:
    """Show failing checks, each thing once."""
    for found in shown_checks(report, in_full):
        for check, diagnosis in found.shown:
            _failure(report, check, diagnosis, console)
        if found.silent and not report.notice:
            more = f"{plural(found.silent, 'more check')} of {found.exercise.name} with the same result"
            indented(console, Text(more, "dim"), 2)


def _failure(report: Report, check: CheckResult, diagnosis: Diagnosis | None, console: Console) -> None:
    heading = Text.assemble((check.exercise, "bold"), " — ", check.title)
    if check.status is not Status.FAILED:
        heading.append(f" ({word_of(check.status)})", "red")
    indented(console, heading, 2)
    render_check(report, check, diagnosis, console)


def render_check(report: Report, check: CheckResult, diagnosis: Diagnosis | None, console: Console) -> None:
    """Print the details of a check that did not pass, below a heading."""
    if message := message_of(check):
        indented(console, Text(message), 4)
    _lines(report, check.lines, console, 6)
    if check.counterexample is not None:
        _counterexample(report, check, check.counterexample, console)
    if diagnosis is not None:
        place = report.lines.get(check.exercise)
        where = f" ({report.submission},{GLUE}line{GLUE}{place})" if place else ""
        text = Text.assemble((f"What it looks like{where}: ", "bold"), diagnosis.message)
        indented(console, text, 4)
    _output(check.stdout, console)


def _lines(report: Report, lines: Sequence[Line], console: Console, columns: int) -> None:
    """The student's own lines that an exception passed through, the outermost first."""
    rows, previous = [], None
    for line in lines:
        if line == previous:
            continue  # a function that calls itself
        previous = line
        place, code = place_and_code(report.submission, line)
        rows.append((Text(f"{place}, in {line.function}:" if len(lines) > 1 else f"{place}:"), Text(code)))
    if not rows:
        return
    beside = aligned(rows)
    if max(len(line) for line in beside.split()) > width_of(console) - columns:
        width = width_of(console) - columns - 2
        parts = [(place, code.wrap(console, width)) for place, code in rows]
        beside = Text("\n").join(
            line for place, codes in parts for line in (place, *(Text.assemble("  ", code) for code in codes))
        )
    beside.stylize("dim")
    indented(console, beside, columns, above=0, wrap=False)


def _output(output: str, console: Console) -> None:
    """The beginning of the output of the student's code, set apart from the grader's words."""
    shown = shown_output(output)
    if not shown:
        return
    width = width_of(console) - 6
    lines = [line if len(line) <= width else line[: width - 1] + "…" for line in shown]
    indented(console, Text("Your code printed:", "bold"), 4)
    indented(console, Text("\n".join(f"| {line}" for line in lines)), 4, above=0, wrap=False)


def _counterexample(report: Report, check: CheckResult, example: Counterexample, console: Console) -> None:
    if example.call:
        place = report.lines.get(example.call)
        where = f"{example.call}, line {place}" if place else example.call
        words = "Smallest example that shows it" if example.smallest else "An example that shows it"
        words = words if check.status is Status.FAILED else "The call"
        rest = Text("" if example.inputs else " no arguments")
        indented(console, Text.assemble((f"{words} ({where}):", "bold"), rest), 4)
    if example.inputs:
        indented(console, _arguments(example, console), 6, above=0, wrap=False)
    if example.rows:
        indented(console, _comparison(example, width_of(console) - 6), 6, wrap=False)
    if example.trajectory is not None and (plot := text_plot(example.trajectory)):
        indented(console, Text("\n".join(plot)), 6, wrap=False)


def _arguments(example: Counterexample, console: Console) -> Text:
    """A line for each argument; a long value goes on below its own beginning."""
    widest = max(len(item.name) for item in example.inputs) + 2
    lines = []
    for item in example.inputs:
        first, *others = _broken(item.value, max(20, width_of(console) - 6 - widest))
        lines.append(Text(item.name.ljust(widest) + first))
        lines += [Text(" " * widest + other) for other in others]
    return Text("\n").join(lines)


def _broken(value: str, width: int) -> list[str]:
    """Break a long value behind a comma, inside as few brackets as possible, or else behind a word."""
    parts = []
    while len(value) > width:
        depth, places = 0, []
        for place, character in enumerate(value[:width]):
            depth += (character in "([{") - (character in ")]}")
            if value[place : place + 2] == ", ":
                places.append((depth, -place))
        late = [found for found in places if -found[1] > width // 3]
        cut = 1 - min(late)[1] if late else value.rfind(" ", 1, width) if " " in value[1:width] else width
        parts.append(value[:cut])
        value = value[cut:].lstrip()
    return [*parts, value]


def _comparison(example: Counterexample, width: int) -> Text:
    """Expected and received values side by side, or below each other if too wide."""
    table = [(Text(""), Text("expected", "bold"), Text("yours", "bold"), Text(""))]
    for row in example.rows:
        style, mark = ("red", "<-") if row.differs else ("", "")
        table.append((Text(row.label), Text(row.expected), Text(row.got, style), Text(mark, style)))
    beside = aligned(table, right=(1, 2))
    if max(len(line) for line in beside.split()) <= width:
        return beside
    lines = []
    for label, expected, got, arrow in table[1:]:
        if not expected and not got:  # "… 2 more"
            lines.append(clipped(label, width - 4).append_text(Text.assemble("  ", arrow)))
            continue
        lines.append(clipped(label, width))
        lines.append(clipped(Text.assemble("  expected  ", expected), width))
        lines.append(clipped(Text.assemble("  yours     ", got), width - 4).append_text(Text.assemble("  ", arrow)))
    return Text("\n").join(lines)


def step_text(reports: Sequence[Report], width: int = WIDEST, words: str | None = None) -> Text:
    """The next step and the commands to type; `words` name what `grade` grades."""
    step = step_after(reports)
    grade = f"grade {words or step.section}"
    match step.kind:
        case Ahead.DONE:
            return Text(f"  {DONE}", "bold green")
        case Ahead.FAULT:
            return _next(f"{FAULT}. Look at the machine with  ", "grade doctor")
        case Ahead.COURSE:
            return _next(COURSE, "")
        case Ahead.PREDICT:
            return _next(f"{step.task}:  ", f"grade predict {words or step.section}")
    command = f"{grade} {step.exercise}".rstrip()
    text = _next(f"{step.task}, then  ", command)
    if len(text) > width:
        text = _next(f"{step.task}, then\n         ", command)
    return Text.assemble(text, "\n         or, for a hint,  ", (step.hint, "bold cyan")) if step.hint else text


def _next(words: str, command: str) -> Text:
    return Text.assemble(("  Next:  ", "bold"), words, (command, "bold cyan"))


LIMIT = 20_000  # characters; what the terminal says is never nearly as long


def explanation(report: Report, check: CheckResult, diagnosis: Diagnosis | None, with_output: bool = False) -> str:
    """The lines about a check below its title; the output of the student's code only if asked for."""
    file = io.StringIO()
    shown = check if with_output else msgspec.structs.replace(check, stdout="")
    render_check(report, shown, diagnosis, Console(file=file, width=WIDEST, color_system=None, highlight=False))
    lines = [line.rstrip() for line in clean(file.getvalue(), LIMIT).split("\n")]
    return textwrap.dedent("\n".join(lines)).strip("\n")
