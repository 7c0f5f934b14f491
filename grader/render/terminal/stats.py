"""The statistics of a class, for a terminal: `grade stats`."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from grader.batch.class_statistics import BINS, ClassStatistics, SectionStatistics
from grader.batch.ledger import Why
from grader.render.terminal.text_layout import aligned, indented
from grader.render.words import points
from grader.toolkit.text import one_line, plural

_BAR = 40  # columns of the longest


def render_stats(statistics: ClassStatistics, console: Console) -> None:
    """Print each section: its marks, its checks, and results that a teacher should check."""
    for section in statistics.sections:
        _heading(section, console)
        if section.marks is None:
            continue
        _marks(section, console)
        _checks(section, console)
        _hard(section, console)
        _diagnoses(section, console)
        _next_tries(section, console)
        _doubts(section, console)
    console.print()


def _heading(section: SectionStatistics, console: Console) -> None:
    marks = section.marks.count if section.marks else 0
    words = [f"{plural(marks, 'mark')} of {plural(section.students, 'student')}"]
    words += [f"{count} {why}" for why, count in section.missing.items() if count]
    console.print()
    console.print(Text.assemble((section.title, "bold"), f"  {', '.join(words)}"), soft_wrap=True)


def _marks(section: SectionStatistics, console: Console) -> None:
    """The shape of the marks, and how long grading took."""
    marks = section.marks
    assert marks is not None
    text = (
        f"mean {points(marks.mean)}, median {points(marks.median)}, quartiles {points(marks.lower_quartile)} and "
        f"{points(marks.upper_quartile)}, from {points(marks.lowest)} to {points(marks.highest)}, of {points(section.max_points)}"
    )
    indented(console, Text(text), 2)
    longest = max(one.count for one in section.histogram)
    rows = []
    for place, one in enumerate(section.histogram, 1):
        until = "to" if place == BINS else "to below"
        bar = "#" * -(-one.count * _BAR // max(longest, _BAR)) if one.count else ""
        rows.append((Text(points(one.low)), Text(until), Text(points(one.high)), Text(f"{one.count}"), Text(bar)))
    indented(console, aligned(rows, right=(0, 2, 3)), 2, wrap=False)
    if section.seconds is not None:
        each = section.seconds
        text = (
            f"grading: {each.median:.1f} s for the median submission, {each.highest:.1f} s for the longest, "
            f"{each.mean * each.count:.0f} s in all"
        )
        indented(console, Text(text), 2)


def _checks(section: SectionStatistics, console: Console) -> None:
    """How many pass each check: of all, and of those who have written its exercise."""
    rows = [tuple(Text(word, "bold") for word in ("passed", "of all", "of started", "check"))]
    for check in section.checks:
        title = f"{check.exercise}: {one_line(check.title)}" + (" (hidden)" if check.hidden else "")
        shares = _share(check.passed, check.judged), _share(check.passed, check.written)
        rows.append((Text(str(check.passed)), *map(Text, shares), Text(title)))
    indented(console, aligned(rows, right=(0, 1, 2)), 2, wrap=False)


def _hard(section: SectionStatistics, console: Console) -> None:
    lines = [
        f"{one.name}: {one.written - one.right} of the {one.written} who wrote it"
        for one in section.exercises
        if one.is_hard
    ]
    _list(console, "Missed by at least half", lines)


def _diagnoses(section: SectionStatistics, console: Console) -> None:
    lines = [
        f"{plural(one.students, 'student')}, {one.exercise}: {one_line(one.mistake)}. {one_line(one.message)}"
        for one in section.diagnoses
    ]
    _list(console, "The commonest diagnoses", lines)


def _next_tries(section: SectionStatistics, console: Console) -> None:
    """How many next attempts pass, after the message of each check, with and without a diagnosis."""
    if not section.next_tries:
        return
    indented(console, Text("After this message, the next attempt passes the check", "bold"), 2)
    rows = [tuple(Text(word, "bold") for word in ("passed", "tries", "share", "message"))]
    for one in section.next_tries:
        named = f", named {one_line(one.mistake)}" if one.mistake else ", not named"
        words = f"{one.exercise}: {one_line(one.title)}{named}"
        rows.append((Text(str(one.passed)), Text(str(one.tries)), Text(_share(one.passed, one.tries)), Text(words)))
    indented(console, aligned(rows, right=(0, 1, 2)), 2, wrap=False)


def _doubts(section: SectionStatistics, console: Console) -> None:
    _list(console, "Is it the grader? Look at these", list(reasons(section)))


def reasons(section: SectionStatistics) -> Iterator[str]:
    """The reasons to doubt the grader, each in a sentence."""
    titles = {check.id: f"{one_line(check.id)} ({one_line(check.title)})" for check in section.checks}
    for one in section.doubts:
        yield (
            f"{titles[one.check]} fails for {plural(one.students, 'student')} who pass everything else; "
            f"{plural(one.others, 'student')} pass it and all the rest"
        )
    for check in section.checks:
        if check.judged and not check.passed and any(one.right for one in section.exercises):
            yield f"{titles[check.id]} passes for no student"
    if section.missing[Why.FAULT.value]:
        yield f"grader errors for {plural(section.missing[Why.FAULT.value], 'student')}: grade regrade --status grader_error"


def _list(console: Console, title: str, lines: list[str]) -> None:
    if lines:
        indented(console, Text(title, "bold"), 2)
        for line in lines:
            indented(console, Text(line), 4, above=0)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"
