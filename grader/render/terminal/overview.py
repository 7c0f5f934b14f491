"""The course at a glance: its sections, how many of their points were earned last, and what to type next."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.course import Section
from grader.grading.standing import Standing
from grader.predictions import EXERCISE
from grader.render.terminal.layout import aligned, points
from grader.render.terminal.outcomes import PREDICT
from grader.render.terminal.paths import as_typed


def render(found: Sequence[Standing], step: tuple[Section, str] | None, console: Console) -> None:
    """Print the sections of a course. Imports no torch: all comes from syntax trees and from what was kept."""
    console.print()
    for line in _table([row_of(one) for one in found], console):
        console.print(Text.assemble("  ", line), soft_wrap=True)
    console.print()
    if step is None:
        said = "All points. Well done." if all(one.done for one in found) else "All points, but for what has changed."
        console.print(Text.assemble(("  Next:  ", "bold"), said, "  ", ("grade all", "bold cyan")), soft_wrap=True)
        return
    section, exercise = step
    if exercise == EXERCISE:
        said, command, text = f"{PREDICT}:  ", f"grade predict {section.id}", "the questions"
    else:
        said, command = f"write {exercise} in {as_typed(section.exercise)}, then  ", f"grade {section.id} {exercise}"
        text = "its text"
    what = Text.assemble(("  Next:  ", "bold"), said)
    if len(what) + len(command) > console.width:
        what = Text.assemble(what, "\n         ")
    more = f"\n         {text}:  ", ("grade next", "bold cyan")
    for line in Text.assemble(what, (command, "bold cyan"), *more).split():
        console.print(line, soft_wrap=True)


def _table(rows: Sequence[tuple[Text, ...]], console: Console) -> Sequence[Text]:
    """A line for each section; where one is too long for that, what is to be said of it stands below its title."""
    width = console.width - 2
    beside = list(aligned(rows, right=(2,)).split())
    if max(map(len, beside)) <= width:
        return beside
    indent = max(len(word) for word, *_ in rows) + 2
    lines: list[Text] = []
    for word, title, worth, state in rows:
        said = Text(", ").join(part for part in (worth, state) if part)
        first, *others = [part for text in (title, said) for part in text.wrap(console, width - indent)]
        lines.append(Text.assemble(word, " " * (indent - len(word)), first))
        lines += [Text.assemble(" " * indent, other) for other in others]
    for line in lines:
        line.rstrip()
    return lines


def row_of(standing: Standing) -> tuple[Text, ...]:
    """A section's word and title, its points, and what is to be said of them."""
    section = standing.section
    title = section.topic or section.name
    worth = f"{points(standing.points)} of {points(standing.max_points)} points"
    return Text(section.id, "bold"), Text(title), Text(worth), _state(standing)


def _state(standing: Standing) -> Text:
    """In words, since colour alone says nothing to some."""
    if not standing.begun:
        return Text("not started" if standing.graded else "not graded yet", "dim")
    if standing.stale:
        return Text("changed since it was graded", "yellow")
    return Text("all points", "green") if standing.done else Text("")
