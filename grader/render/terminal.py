"""A Report for the eyes of a student in a terminal. No meaning by colour alone."""

from collections.abc import Sequence

from rich.console import Console
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
_QUIET = (Status.PASSED, Status.BLOCKED, Status.NOT_STARTED)
_SHOWN_LINES_OF_OUTPUT = 12
WIDEST = 100


def points(value: float) -> str:
    """Format points: one decimal, or two where they are needed."""
    text = f"{value:.2f}"
    return text[:-1] if text.endswith("0") else text


def render(reports: Sequence[Report], console: Console) -> None:
    """Print reports, each with its failing checks, and then what to type next."""
    for report in reports:
        _header(report, console)
        _exercises(report, console)
        _notes(report, console)
        if report.notice:
            _indented(console, Text(report.notice, "yellow"), 2)
        _failures(report, console)
    if len(reports) > 1:
        earned, maximum = sum(r.points for r in reports), sum(r.max_points for r in reports)
        console.print(Text(f"\nIn all {points(earned)} / {points(maximum)} points", "bold"))
    console.print()
    console.print(next_step(reports), soft_wrap=True)


def _indented(console: Console, text: Text, columns: int, above: int = 1, wrap: bool = True) -> None:
    """Print text a few columns to the right, below `above` empty lines, wrapped to the width of the report."""
    width = min(console.width, WIDEST) - columns
    lines = (
        [part for line in text.split(allow_blank=True) for part in line.wrap(console, width)] if wrap else text.split()
    )
    console.print("\n" * above, end="")
    for line in lines:
        line.rstrip()
        console.print(Text.assemble(" " * columns, _inert(line)), soft_wrap=True)


def _inert(line: Text) -> Text:
    """Keep a line from being an order to a CI service: in its log `::command::` at the start, or `##[`, are."""
    line = Text("## [").join(line.split("##["))
    return Text.assemble("| ", line) if line.plain.lstrip().startswith("::") else line


def aligned(rows: Sequence[Sequence[Text]], right: Sequence[int] = ()) -> Text:
    """Lay out rows in columns two blanks apart; those numbered in `right` end together."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        line = Text()
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blanks = " " * (width - len(cell))
            line.append_text(Text.assemble(blanks, cell, "  ") if place in right else Text.assemble(cell, blanks, "  "))
        line.rstrip()
        lines.append(line)
    return Text("\n").join(lines)


def _header(report: Report, console: Console) -> None:
    title = report.title.replace(":", " ·", 1)
    score = f"{points(report.points)} / {points(report.max_points)} points"
    gap = max(2, min(console.width, WIDEST) - len(title) - len(score))
    console.print()
    console.print(Text.assemble((title, "bold"), " " * gap, (score, "bold")), soft_wrap=True)
    if report.status == "not_a_grade":
        console.print(Text("This run was not isolated: it is not a grade.", "bold yellow"))
    elif report.status == "partial":
        console.print(Text("A part of the section: not its grade.", "yellow"))
    console.print()


def _exercises(report: Report, console: Console) -> None:
    """One line per exercise: name, points, status."""
    rows = []
    for exercise in report.exercises:
        earned = "–" if exercise.status in (Status.NOT_STARTED, Status.BLOCKED) else points(exercise.points)
        score = f"{earned} / {points(exercise.max_points)}"
        status = Text(_status_of(exercise), _STYLES.get(exercise.status, "red"))
        rows.append((Text(exercise.name), Text(score), status))
    if rows:
        _indented(console, aligned(rows, right=(1,)), 2, above=0, wrap=False)


def _status_of(exercise: ExerciseResult) -> str:
    status = exercise.status
    if status is Status.FAILED:
        passed = sum(check.status is Status.PASSED for check in exercise.checks)
        return f"{passed} of {plural(len(exercise.checks), 'check')} passed"
    if status is Status.BLOCKED:
        return clean(exercise.checks[0].message, LINE_LIMIT)
    return _WORDS.get(status, status.value)


def _notes(report: Report, console: Console) -> None:
    notes = [f"{check.exercise}: {text}" for check in report.checks for text in check.notes]
    if notes:
        _indented(console, Text("\n".join(notes), "dim"), 2)


def _failures(report: Report, console: Console) -> None:
    """Show failing checks; what was said once, of the whole file or of the same exercise, is not said again."""
    whole_file = {report.notice}
    for exercise in report.exercises:
        said, silent = set(whole_file), 0
        for check in exercise.checks:
            if check.status in _QUIET:
                continue
            if any(text.startswith(check.message) for text in said):
                silent += 1
                continue
            said.add(check.message)
            if check.counterexample is None:  # no call was made: the same holds for every exercise
                whole_file.add(check.message)
            _failure(report, check, console)
        if silent and not report.notice:
            more = f"{plural(silent, 'more check')} of {exercise.name} with the same result"
            _indented(console, Text(more, "dim"), 2)


def _failure(report: Report, check: CheckResult, console: Console) -> None:
    heading = Text.assemble((check.exercise, "bold"), " — ", check.title)
    if check.status is not Status.FAILED:
        heading.append(f" ({_WORDS.get(check.status, check.status.value)})", "red")
    _indented(console, heading, 2)
    _indented(console, Text(check.message), 4)
    for line in check.lines:
        _indented(console, Text(f"{report.submission}, line {line.line}: {line.text}", "dim"), 6, above=0)
    if check.counterexample is not None:
        _counterexample(report, check, check.counterexample, console)
    if check.diagnosis is not None:
        text = Text.assemble(("What it looks like: ", "bold"), check.diagnosis.message)
        _indented(console, text, 4)
    _output(check.stdout, console)


def _output(output: str, console: Console) -> None:
    """The beginning of what the student's code printed, marked off from what we say."""
    lines = output.rstrip().splitlines()
    if not lines:
        return
    shown = lines[:_SHOWN_LINES_OF_OUTPUT]
    if len(lines) > len(shown):
        shown.append(f"… ({len(lines) - len(shown)} more lines)")
    width = min(console.width, WIDEST) - 6
    clipped = [line if len(line) <= width else line[: width - 1] + "…" for line in shown]
    _indented(console, Text("Your code printed:", "bold"), 4)
    _indented(console, Text("\n".join(f"| {line}" for line in clipped)), 4, above=0, wrap=False)


def _counterexample(report: Report, check: CheckResult, example: Counterexample, console: Console) -> None:
    if example.inputs:
        place = report.lines.get(example.call)
        where = f"{example.call}, line {place}" if place else example.call
        words = "Smallest example that shows it" if check.status is Status.FAILED else "The call"
        _indented(console, Text(f"{words} ({where}):", "bold"), 4)
        rows = [(Text(item.name), Text(item.value)) for item in example.inputs]
        _indented(console, aligned(rows), 6, above=0, wrap=False)
    if example.rows:
        heading = (Text(""), Text("expected", "bold"), Text("yours", "bold"), Text(""))
        table = [heading]
        for row in example.rows:
            style, mark = ("red", "<-") if row.differs else ("", "")
            table.append((Text(row.label), Text(row.expected), Text(row.got, style), Text(mark, style)))
        _indented(console, aligned(table, right=(1, 2)), 6, wrap=False)


def next_step(reports: Sequence[Report]) -> Text:
    """The command to type next."""
    if any(report.exit_code == 3 for report in reports):
        text = "the grader itself failed on some checks, and no points are lost. Look at the machine with  "
        return Text.assemble(("  Next:  ", "bold"), text, ("grade doctor", "bold cyan"))
    for report in reports:
        for exercise in report.exercises:
            if not exercise.passed:
                return _next(report, exercise)
    return Text("  All points. Well done.", "bold green")


def _next(report: Report, exercise: ExerciseResult) -> Text:
    line = report.lines.get(exercise.name)
    where = f"{report.submission}:{line}" if line else report.submission
    missing = [check for check in exercise.checks if check.status is not Status.PASSED]
    verb = "write" if exercise.status is Status.NOT_STARTED else "mend"
    if all(check.points > 0 for check in missing):  # right as far as it goes, but not yet good enough
        verb = "improve"
    command = f"grade {report.section} {exercise.name}"
    return Text.assemble(("  Next:  ", "bold"), f"{verb} {exercise.name} ({where}), then  ", (command, "bold cyan"))
