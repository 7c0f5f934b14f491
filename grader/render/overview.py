"""The course at a glance: its sections, how many of their points were earned last, and what to type next."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.course import Section
from grader.grading.standing import Standing
from grader.render.layout import aligned, points
from grader.render.paths import as_typed


def render(found: Sequence[Standing], step: tuple[Section, str] | None, console: Console) -> None:
    """Print the sections of a course. Imports no torch: all comes from syntax trees and from what was kept."""
    rows = [row_of(one) for one in found]
    console.print()
    for line in aligned(rows, right=(2,)).split():
        console.print(Text.assemble("  ", line), soft_wrap=True)
    console.print()
    if step is None:
        said = "All points. Well done." if all(one.done for one in found) else "All points, but for what has changed."
        console.print(Text.assemble(("  Next:  ", "bold"), said, "  ", ("grade all", "bold cyan")), soft_wrap=True)
        return
    section, exercise = step
    command = (f"grade {section.id} {exercise}", "bold cyan")
    what = f"write {exercise} in {as_typed(section.exercise)}, then  "
    console.print(Text.assemble(("  Next:  ", "bold"), what, command), soft_wrap=True)
    console.print(Text.assemble("         its text:  ", ("grade next", "bold cyan")), soft_wrap=True)


def row_of(standing: Standing) -> tuple[Text, ...]:
    """A section's word and title, its points, and what is to be said of them."""
    section = standing.section
    title = section.title.partition(": ")[2] or section.name
    worth = f"{points(standing.points)} of {points(standing.max_points)} points"
    return Text(section.id, "bold"), Text(title), Text(worth), _state(standing)


def _state(standing: Standing) -> Text:
    """In words, since colour alone says nothing to some."""
    if not standing.begun:
        return Text("not started" if standing.graded else "not graded yet", "dim")
    if standing.stale:
        return Text("changed since it was graded", "yellow")
    return Text("all points", "green") if standing.done else Text("")
