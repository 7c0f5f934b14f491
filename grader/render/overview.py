"""The course at a glance: its sections, what they are worth, and what to type."""

from rich.console import Console
from rich.text import Text

from grader.course import Course
from grader.render.terminal import aligned, points
from grader.toolkit.text import plural


def render(course: Course, console: Console) -> None:
    """Print the sections of a course. Imports no torch: everything comes from the checks' syntax trees."""
    rows = []
    for section in course.sections:
        worth = points(sum(check.points for check in section.outline))
        title = section.title.partition(": ")[2] or section.name
        count = plural(len(section.exercises), "exercise")
        rows.append((Text(section.id, "bold"), Text(title), Text(count), Text(f"{worth} points")))
    console.print()
    for line in aligned(rows, right=(2, 3)).split():
        console.print(Text.assemble("  ", line), soft_wrap=True)
    console.print()
    command = (f"grade {course.sections[0].id}", "bold cyan")
    console.print(Text.assemble(("  Next:  ", "bold"), command, f"   (edit {course.exercises})"), soft_wrap=True)
