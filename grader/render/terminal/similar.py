"""Pairs of submissions to read side by side, for a terminal: `grade similar`."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from grader.batch.similarity import Pair, Side, Similarity
from grader.render.terminal.text_layout import indented
from grader.toolkit.text import one_line, plural

NO_VERDICT = (
    "These are pairs to look at, not a verdict. Short exercises have few right answers, people talk to each other, and both may "
    "have one source. Read both files before you speak to a student."
)
_LISTED = 8  # lines of each that are shown
_NAMED = 4  # students with one text


def render_similar(found: Sequence[Similarity], console: Console) -> None:
    """Print, for each section, the identical files and the pairs that share most."""
    indented(console, Text(NO_VERDICT, "bold"), 0)
    for similarity in found:
        console.print()
        console.print(
            Text.assemble((similarity.title, "bold"), f"  {plural(similarity.submissions, 'submission')}"),
            soft_wrap=True,
        )
        for students in similarity.identical:
            indented(console, Text(f"The same file: {_named(students, len(students))}"), 2)
        for number, pair in enumerate(similarity.pairs, 1):
            _pair(number, pair, console)
        for students in similarity.unread:
            indented(
                console, Text(f"Not compared, as it is too long or takes too long: {_named(students)}", "yellow"), 2
            )
        if not similarity.identical and not similarity.pairs:
            indented(
                console, Text("No two files have more in common than the stub and passages that many students have."), 2
            )
    console.print()


def _pair(number: int, pair: Pair, console: Console) -> None:
    sides = pair.one, pair.other
    names = "  and  ".join(f"{_named(side.students)} ({100 * side.share:.0f} % of it)" for side in sides)
    indented(console, Text(f"{number}. {names}", "bold"), 2)
    for side in sides:
        indented(console, Text(f"{_named(side.students)}, {_places(side)}"), 5, above=0)
        indented(console, Text("\n".join(_lines(side)), "dim"), 7, above=0, wrap=False)


def _places(side: Side) -> str:
    spans = [str(first) if first == last else f"{first} to {last}" for first, last in side.lines]
    return f"lines {', '.join(spans)}:"


def _lines(side: Side) -> Iterator[str]:
    """The first lines that are like the other's, with their numbers; those that are blank say nothing."""
    numbers = [number for first, last in side.lines for number in range(first, last + 1)]
    telling = [number for number in numbers if side.text[number - 1].strip()]
    for number in telling[:_LISTED]:
        line = side.text[number - 1]
        blanks = " " * min(20, len(line) - len(line.lstrip()))
        yield f"{number:4} | {blanks}{one_line(line, 90)}"
    if len(telling) > _LISTED:
        yield f"     … ({len(telling) - _LISTED} more lines)"


def _named(students: Sequence[str], most: int = _NAMED) -> str:
    more = f" and {len(students) - most} more" if len(students) > most else ""
    return ", ".join(map(one_line, students[:most])) + more
