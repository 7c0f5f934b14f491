"""Print a hint."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from grader.course import Section
from grader.diagnosis.hints import Hint
from grader.render.terminal.layout import WIDEST


def render(section: Section, hint: Hint, console: Console) -> None:
    """Print one hint, and what to type next."""
    about = "about what your code seems to do" if hint.about_mistake else f"hint {hint.number} of {hint.count}"
    console.print()
    console.print(Text.assemble("  ", (hint.exercise, "bold"), f" — {about}"))
    console.print()
    console.print(Padding(Text(hint.text), (0, 2, 0, 4)), width=min(console.width, WIDEST))
    console.print()
    again = f"grade hint {section.id} {hint.exercise}"
    grade = (f"grade {section.id} {hint.exercise}", "bold cyan")
    if hint.number == hint.count and not hint.about_mistake:
        said = "That was the most direct hint. " if hint.is_new else "There is no more direct hint. "
        console.print(Text.assemble("  ", said, "All so far:  ", (f"{again} --all", "bold cyan")), soft_wrap=True)
        console.print(Text.assemble(("  Next:  ", "bold"), grade), soft_wrap=True)
    else:
        console.print(Text.assemble(("  Next:  ", "bold"), grade), soft_wrap=True)
        console.print(Text.assemble("         or, for a more direct hint,  ", (again, "bold cyan")), soft_wrap=True)


def render_all(exercise: str, hints: list[str], console: Console) -> None:
    """Print the hints that were shown so far."""
    console.print()
    for number, text in enumerate(hints, 1):
        console.print(Text.assemble("  ", (exercise, "bold"), f" — {number}"))
        console.print(Padding(Text(text), (0, 2, 1, 4)), width=min(console.width, WIDEST))
