"""The course at a glance: its sections, what they are worth, and what to type."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.course import Course
from grader.render.terminal import points


def render(course: Course, console: Console) -> None:
    """Print the sections of a course. Imports no torch: everything comes from the checks' syntax trees."""
    table = Table.grid(padding=(0, 2))
    for section in course.sections:
        worth = points(sum(check.points for check in section.outline))
        exercises = f"{len(section.exercises)} exercises"
        table.add_row("", Text(section.id, "bold"), section.title, exercises, f"{worth} points")
    console.print()
    console.print(table)
    console.print()
    first = course.sections[0].id
    console.print(
        Text.assemble(("  Next:  ", "bold"), (f"grade {first}", "bold cyan"), f"   (edit {course.exercises})")
    )
