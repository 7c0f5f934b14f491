"""A Report for the eyes of a student in a terminal. No meaning by colour alone."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.grading.report import CheckResult, Counterexample, ExerciseResult, Report, Status
from grader.toolkit.text import LINE_LIMIT, clean, plural

_STYLES = {
    Status.PASSED: "green",
    Status.NOT_STARTED: "cyan",
    Status.BLOCKED: "yellow",
    Status.GRADER_ERROR: "bold magenta",
}
_WORDS = {Status.TIMED_OUT: "timed out", Status.NOT_STARTED: "not started", Status.GRADER_ERROR: "grader error"}
_SHOWN_LINES_OF_OUTPUT = 12
_WIDEST = 100


def points(value: float) -> str:
    """Format points: at most two decimals, at least one."""
    text = f"{value:.2f}"
    return text[:-1] if text.endswith("0") else text


def render(reports: Sequence[Report], console: Console, command: str = "grade") -> None:
    """Print reports, each with its failing checks, and what to type next. `command` is what was typed, up to the section."""
    for report in reports:
        _header(report, console)
        _exercises(report, console)
        for exercise in report.exercises:
            _failures(report, exercise, console)
        if report.notice:
            console.print(Padding(Text(report.notice, "yellow"), (1, 0, 0, 2)))
    _footer(reports, console, command)


def _width(console: Console) -> int:
    return min(console.width, _WIDEST)


def _header(report: Report, console: Console) -> None:
    title = report.title.replace(":", " ·", 1)
    score = f"{points(report.points)} / {points(report.max_points)} points"
    gap = max(2, _width(console) - len(title) - len(score))
    console.print()
    console.print(Text.assemble((title, "bold"), " " * gap, (score, "bold")))
    if report.status == "not_a_grade":
        console.print(Text("This run was not isolated: it is not a grade.", "bold yellow"))
    elif report.status == "partial":
        console.print(Text("A part of the section: not its grade.", "yellow"))
    console.print()


def _exercises(report: Report, console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for exercise in report.exercises:
        earned = "–" if exercise.status in (Status.NOT_STARTED, Status.BLOCKED) else points(exercise.points)
        score = f"{earned} / {points(exercise.max_points)}"
        status = Text(_status_of(exercise), _STYLES.get(exercise.status, "red"))
        table.add_row("", exercise.name, score, status)
    console.print(table)


def _status_of(exercise: ExerciseResult) -> str:
    status = exercise.status
    if status is Status.FAILED:
        passed = sum(check.status is Status.PASSED for check in exercise.checks)
        return f"{passed} of {plural(len(exercise.checks), 'check')} passed"
    if status is Status.BLOCKED:
        return clean(exercise.checks[0].message, LINE_LIMIT)
    return _WORDS.get(status, status.value)


def _failures(report: Report, exercise: ExerciseResult, console: Console) -> None:
    """Show an exercise's first trouble in full and the others by their titles."""
    failing = [c for c in exercise.checks if c.status not in (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)]
    for place, check in enumerate(failing):
        heading = Text.assemble("  ", (exercise.name, "bold"), " — ", check.title)
        if check.status is not Status.FAILED:
            heading.append(f" ({_WORDS.get(check.status, check.status.value)})", "red")
        console.print()
        console.print(heading, soft_wrap=True)
        if place == 0 or check.message != failing[0].message:
            _detail(report, check, console)
        else:
            console.print(Text("    (as above)", "dim"))
    for check in exercise.checks:
        for text in check.notes:
            console.print(Padding(Text(f"{exercise.name}: {text}", "dim"), (1, 0, 0, 2)))


def _detail(report: Report, check: CheckResult, console: Console) -> None:
    console.print(Padding(Text(check.message), (1, 0, 0, 4)))
    for line in check.lines:
        console.print(Padding(Text(f"{report.submission}, line {line.line}: {line.text}", "dim"), (0, 0, 0, 6)))
    if check.counterexample is not None:
        _counterexample(report, check.counterexample, console)
    if check.diagnosis is not None:
        text = Text.assemble(("What it looks like: ", "bold"), check.diagnosis.message)
        console.print(Padding(text, (1, 0, 0, 4)))
    if check.stdout.strip():
        lines = check.stdout.rstrip().splitlines()
        shown = lines[:_SHOWN_LINES_OF_OUTPUT]
        more = [f"… ({len(lines) - len(shown)} more lines)"] if len(lines) > len(shown) else []
        console.print(Padding(Text("Your code printed:", "bold"), (1, 0, 0, 4)))
        console.print(Padding(Text("\n".join(f"| {line}" for line in shown + more)), (0, 0, 0, 4)))


def _counterexample(report: Report, example: Counterexample, console: Console) -> None:
    if example.inputs:
        where = f" ({report.submission}, line {report.lines[example.call]})" if example.call in report.lines else ""
        console.print(Padding(Text(f"Smallest example that shows it: {example.call}{where}", "bold"), (1, 0, 0, 4)))
        inputs = Table.grid(padding=(0, 2))
        for item in example.inputs:
            inputs.add_row("", Text(item.name), Text(item.value))
        console.print(Padding(inputs, (0, 0, 0, 4)))
    if example.rows:
        rows = Table.grid(padding=(0, 2))
        rows.add_column()
        rows.add_column()
        rows.add_column(justify="right")
        rows.add_column(justify="right")
        rows.add_row("", "", Text("expected", "bold"), Text("yours", "bold"), "")
        for row in example.rows:
            mark = Text("<-", "bold red") if row.differs else Text("")
            rows.add_row("", Text(row.label), Text(row.expected), Text(row.got, "red" if row.differs else ""), mark)
        console.print(Padding(rows, (1, 0, 0, 4)))


def _footer(reports: Sequence[Report], console: Console, command: str) -> None:
    if len(reports) > 1:
        earned, maximum = sum(r.points for r in reports), sum(r.max_points for r in reports)
        console.print(Text(f"\nIn all {points(earned)} / {points(maximum)} points", "bold"))
    console.print()
    console.print(next_step(reports, command), soft_wrap=True)


def next_step(reports: Sequence[Report], command: str) -> Text:
    """The command to type next."""
    errors = [r for r in reports if r.exit_code == 3]
    if errors:
        text = "The grader itself failed on some checks: no points are lost. Look at the machine with: "
        return Text.assemble(("  Next:  ", "bold"), text, ("grade doctor", "bold cyan"))
    for report in reports:
        for exercise in report.exercises:
            if not exercise.passed:
                target = f"{command} {report.section} {exercise.name}"
                return _next(report, exercise, target)
    return Text("  All points. Well done.", "bold green")


def _next(report: Report, exercise: ExerciseResult, target: str) -> Text:
    line = report.lines.get(exercise.name)
    where = f"{report.submission}:{line}" if line else report.submission
    verb = "write" if exercise.status is Status.NOT_STARTED else "mend"
    return Text.assemble(("  Next:  ", "bold"), f"{verb} {exercise.name} ({where}), then  ", (target, "bold cyan"))
