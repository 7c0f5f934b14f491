"""How text is laid out in a terminal: width, columns, indentation. No meaning by colour alone."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.grading.report import Status
from grader.toolkit.text import CI_ORDERS, visible

WIDEST = 100
GLUE = "\ue000"  # a blank that holds words together until lines are broken; cleaned text has none of these

_STYLES = {
    Status.PASSED: "green",
    Status.NOT_STARTED: "cyan",
    Status.BLOCKED: "yellow",
    Status.GRADER_ERROR: "bold magenta",
}


def heading(label: str, topic: str) -> str:
    """The title of a section above its results."""
    return f"{label} · {topic}" if topic else label


def style_of(status: Status) -> str:
    """The colour of a status, beside its word."""
    return _STYLES.get(status, "red")


def width_of(console: Console) -> int:
    return min(console.width, WIDEST)


def clipped(line: Text, width: int) -> Text:
    return line if len(line) <= width else Text.assemble(line[: max(1, width - 1)], "…")


def indented(console: Console, text: Text, columns: int, above: int = 1, wrap: bool = True) -> None:
    """Print text a few columns to the right, below `above` empty lines, wrapped to the width of the report."""
    width = width_of(console) - columns
    lines = (
        [part for line in text.split(allow_blank=True) for part in line.wrap(console, width)] if wrap else text.split()
    )
    console.print("\n" * above, end="")
    for line in lines:
        line.rstrip()
        line = Text(" ").join(line.split(GLUE))
        console.print(Text.assemble(" " * columns, inert(line)), soft_wrap=True)


def inert(line: Text) -> Text:
    """Keep a line from being an order: to a terminal, by invisible characters, which are written out;
    and to a CI service, in whose log `::command::` at the start, and `##[` and the like, are some."""
    for hidden in () if line.plain.isprintable() else sorted(set(line.plain)):
        if (written := visible(hidden)) != hidden:
            line = Text(written).join(line.split(hidden))
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
