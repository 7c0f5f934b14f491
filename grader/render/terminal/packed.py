"""Say what was packed, and what is not in it or not yet good."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.course import Section
from grader.grading.standing import Standing
from grader.render.terminal.layout import aligned
from grader.render.terminal.overview import row_of
from grader.render.terminal.paths import as_typed, said_of_notebook


def render(path: Path, packed: Sequence[Standing], missing: Sequence[Section], console: Console) -> None:
    """Print the packed sections with the points of their last gradings, then what is missing."""
    console.print()
    for line in aligned([row_of(standing) for standing in packed], right=(2,)).split():
        console.print(Text.assemble("  ", line), soft_wrap=True)
    for section in missing:
        said = f"  {section.id} is not in it: there is no {as_typed(section.exercise)}"
        console.print(Text(said, "yellow"), soft_wrap=True)
    for standing in packed:
        said = said_of_notebook(standing.section)
        if said:
            console.print(Text(f"  {said}", "yellow"), soft_wrap=True)
    console.print()
    console.print(Text.assemble("  Packed:  ", (as_typed(path), "bold")), soft_wrap=True)
    if any(standing.stale or not standing.graded for standing in packed):
        command = ("grade all", "bold cyan")
        console.print(
            Text.assemble(("  Next:  ", "bold"), "see what it is worth, then pack again:  ", command), soft_wrap=True
        )
