"""A Report for the eyes of a student in a terminal. No meaning by colour alone."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import UNREAD, CheckResult, Counterexample, Diagnosis, ExerciseResult, Report, Status
from grader.toolkit.text import CI_ORDERS, LINE_LIMIT, clean, plural

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
BLOCKED = "blocked by "  # followed by the exercise that comes first
_GLUE = "\ue000"  # a blank that holds words together until lines are broken; cleaned text has none of these


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
        _notice(report, console)
        _failures(report, console)
    if len(reports) > 1:
        earned, maximum = sum(r.points for r in reports), sum(r.max_points for r in reports)
        console.print(Text(f"\nIn all {points(earned)} / {points(maximum)} points", "bold"))
    console.print()
    for line in next_step(reports, _room(console)).split():
        console.print(_inert(line), soft_wrap=True)  # the name of the file is a stranger's words


def _indented(console: Console, text: Text, columns: int, above: int = 1, wrap: bool = True) -> None:
    """Print text a few columns to the right, below `above` empty lines, wrapped to the width of the report."""
    width = _room(console) - columns
    lines = (
        [part for line in text.split(allow_blank=True) for part in line.wrap(console, width)] if wrap else text.split()
    )
    console.print("\n" * above, end="")
    for line in lines:
        line.rstrip()
        line = Text(" ").join(line.split(_GLUE))
        console.print(Text.assemble(" " * columns, _inert(line)), soft_wrap=True)


def _inert(line: Text) -> Text:
    """Keep a line from being an order to a CI service: in its log `::command::` at the start, and `##[` and the like, are."""
    for order in CI_ORDERS:
        line = Text(f"{order[:-1]} [").join(line.split(order))
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
    gap = max(2, _room(console) - len(title) - len(score))
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


def _notice(report: Report, console: Console) -> None:
    """What is wrong with the file as a whole, and where."""
    if report.notice:
        _indented(console, Text(report.notice, "yellow"), 2)
        unread = next((check for check in report.checks if _is_unread(check)), None)
        if unread is not None:
            _lines(report, unread, console, 4)


def _is_unread(check: CheckResult) -> bool:
    """Whether a check failed because the file cannot even be parsed: nothing more is to be said of it."""
    return check.status is Status.FAILED and check.message.startswith(UNREAD)


def _failures(report: Report, console: Console) -> None:
    """Show failing checks; what was said once, of the whole file or of the same exercise, is not said again."""
    whole_file = {report.notice}
    for exercise in report.exercises:
        said, silent = set(whole_file), 0
        diagnosis = next((check.diagnosis for check in exercise.checks if check.diagnosis), None)
        for check in exercise.checks:
            if check.status in _QUIET or _is_unread(check):
                continue
            if any(text.startswith(check.message) for text in said):
                silent += 1
                continue
            said.add(check.message)
            if check.counterexample is None:  # no call was made: the same holds for every exercise
                whole_file.add(check.message)
            _failure(report, check, diagnosis, console)
            diagnosis = None  # one holds for the exercise: it is said where one begins to read
        if silent and not report.notice:
            more = f"{plural(silent, 'more check')} of {exercise.name} with the same result"
            _indented(console, Text(more, "dim"), 2)


def _failure(report: Report, check: CheckResult, diagnosis: Diagnosis | None, console: Console) -> None:
    heading = Text.assemble((check.exercise, "bold"), " — ", check.title)
    if check.status is not Status.FAILED:
        heading.append(f" ({_WORDS.get(check.status, check.status.value)})", "red")
    _indented(console, heading, 2)
    if not _is_in_table(check):
        _indented(console, Text(check.message), 4)
    _lines(report, check, console, 6)
    if check.counterexample is not None:
        _counterexample(report, check, check.counterexample, console)
    if diagnosis is not None:
        place = report.lines.get(check.exercise)
        where = f" ({report.submission},{_GLUE}line{_GLUE}{place})." if place else "."
        text = Text.assemble(("What it looks like: ", "bold"), diagnosis.message.rstrip("."), where)
        _indented(console, text, 4)
    _output(check.stdout, console)


def _is_in_table(check: CheckResult) -> bool:
    """Whether a message says only which row of the comparison is wrong."""
    rows = check.counterexample.rows if check.counterexample else []
    return check.message.startswith("Wrong: ") and any(row.differs for row in rows)


def _lines(report: Report, check: CheckResult, console: Console, columns: int) -> None:
    """The student's own lines that an exception passed through, the outermost first."""
    rows, previous = [], None
    for line in check.lines:
        if line == previous:
            continue  # a function that calls itself
        previous = line
        place = f"{report.submission}, line {line.line}"
        rows.append((Text(f"{place}, in {line.function}:" if len(check.lines) > 1 else f"{place}:"), Text(line.text)))
    if not rows:
        return
    beside = aligned(rows)
    if max(len(line) for line in beside.split()) > _room(console) - columns:
        width = _room(console) - columns - 2
        parts = [(place, code.wrap(console, width)) for place, code in rows]
        beside = Text("\n").join(
            line for place, codes in parts for line in (place, *(Text.assemble("  ", code) for code in codes))
        )
    beside.stylize("dim")
    _indented(console, beside, columns, above=0, wrap=False)


def _room(console: Console) -> int:
    return min(console.width, WIDEST)


def _clipped(line: Text, width: int) -> Text:
    return line if len(line) <= width else Text.assemble(line[: max(1, width - 1)], "…")


def _output(output: str, console: Console) -> None:
    """The beginning of what the student's code printed, marked off from what we say."""
    lines = output.rstrip().splitlines()
    if not lines:
        return
    shown = lines[:_SHOWN_LINES_OF_OUTPUT]
    if len(lines) > len(shown):
        shown.append(f"… ({len(lines) - len(shown)} more lines)")
    width = _room(console) - 6
    clipped = [line if len(line) <= width else line[: width - 1] + "…" for line in shown]
    _indented(console, Text("Your code printed:", "bold"), 4)
    _indented(console, Text("\n".join(f"| {line}" for line in clipped)), 4, above=0, wrap=False)


def _counterexample(report: Report, check: CheckResult, example: Counterexample, console: Console) -> None:
    if example.call:
        place = report.lines.get(example.call)
        where = f"{example.call}, line {place}" if place else example.call
        words = "Smallest example that shows it" if example.smallest else "An example that shows it"
        words = words if check.status is Status.FAILED else "The call"
        rest = Text("" if example.inputs else " no arguments")
        _indented(console, Text.assemble((f"{words} ({where}):", "bold"), rest), 4)
    if example.inputs:
        _indented(console, _arguments(example, console), 6, above=0, wrap=False)
    if example.rows:
        _indented(console, _comparison(example, _room(console) - 6), 6, wrap=False)


def _arguments(example: Counterexample, console: Console) -> Text:
    """A line for each argument; a long value goes on below its own beginning."""
    widest = max(len(item.name) for item in example.inputs) + 2
    lines = []
    for item in example.inputs:
        first, *others = _broken(item.value, max(20, _room(console) - 6 - widest))
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
    """What was expected beside what came; below each other where that is too wide."""
    table = [(Text(""), Text("expected", "bold"), Text("yours", "bold"), Text(""))]
    for row in example.rows:
        style, mark = ("red", "<-") if row.differs else ("", "")
        table.append((Text(row.label), Text(row.expected), Text(row.got, style), Text(mark, style)))
    beside = aligned(table, right=(1, 2))
    if max(len(line) for line in beside.split()) <= width:
        return beside
    lines = []
    for label, expected, got, arrow in table[1:]:
        lines.append(_clipped(label, width))
        lines.append(_clipped(Text.assemble("  expected  ", expected), width))
        lines.append(_clipped(Text.assemble("  yours     ", got), width - 4).append_text(Text.assemble("  ", arrow)))
    return Text("\n").join(lines)


def next_step(reports: Sequence[Report], width: int = WIDEST) -> Text:
    """The command to type next."""
    if any(report.exit_code == 3 for report in reports):
        text = "the grader itself failed on some checks, and no points are lost. Look at the machine with  "
        return Text.assemble(("  Next:  ", "bold"), text, ("grade doctor", "bold cyan"))
    for report in reports:
        for exercise in report.exercises:
            if not exercise.passed:
                return _next(report, exercise, width)
    return Text("  All points. Well done.", "bold green")


def _next(report: Report, exercise: ExerciseResult, width: int) -> Text:
    name, missing = exercise.name, [check for check in exercise.checks if check.status is not Status.PASSED]
    if exercise.status is Status.BLOCKED and missing[0].message.startswith(BLOCKED):
        name = missing[0].message.removeprefix(BLOCKED)
    line = report.lines.get(name)
    verb = "write" if exercise.status is Status.NOT_STARTED else "mend"
    if all(check.points > 0 for check in missing):  # right as far as it goes, but not yet good enough
        verb = "improve"
    what = f"{verb} {name} ({report.submission}{f':{line}' if line else ''})"
    unread = next((check for check in missing if _is_unread(check)), None)
    if unread is not None:
        what = f"mend {report.submission}" + "".join(f", line {line.line}" for line in unread.lines[-1:])
    again = f"grade {report.section} {name}"
    text = Text.assemble(("  Next:  ", "bold"), f"{what}, then  ", (again, "bold cyan"))
    if len(text) > width:
        text = Text.assemble(("  Next:  ", "bold"), f"{what}, then\n         ", (again, "bold cyan"))
    if exercise.status in (Status.NOT_STARTED, Status.BLOCKED) or unread is not None:
        return text
    hint = f"grade hint {report.section} {name}"
    return Text.assemble(text, "\n         or, for a hint,  ", (hint, "bold cyan"))
