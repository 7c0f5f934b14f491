"""Print texts about an exercise: its docstring and place, its hints, and the changes of a reset."""

import re
import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from grader.diagnosis.hints import Hint
from grader.grading.exercise_text import ExerciseText
from grader.render.terminal.text_layout import WIDEST, heading
from grader.section import Section
from grader.toolkit.text import clean
from grader.toolkit.typed_paths import as_typed

_ENTRY = re.compile(r"\w+: ")  # of "Args:" and the like
_MARGIN = 2


def render_exercise(section: Section, text: ExerciseText, console: Console) -> None:
    """Print signature and docstring, fitted to the terminal, then the next command."""
    width = min(console.width, WIDEST) - 2 * _MARGIN
    signature = textwrap.wrap(" ".join(clean(text.signature).split()), width, subsequent_indent="    ")
    console.print()
    console.print(Text.assemble("  ", (heading(section.label, section.topic), "bold")), soft_wrap=True)
    console.print()
    for line in signature:
        console.print(Text(f"  {line}", "bold"), soft_wrap=True)
    console.print()
    for line in reflowed(clean(text.docstring), width - _MARGIN):
        console.print(Text(f"    {line}".rstrip()), soft_wrap=True)
    console.print()
    where = f"{as_typed(text.path)}:{text.line}"
    command = (f"grade {section.id} {text.name}", "bold cyan")
    console.print(Text.assemble(("  Next:  ", "bold"), f"write it at {where}, then  ", command), soft_wrap=True)


def reflowed(docstring: str, width: int) -> Iterator[str]:
    """The lines of a docstring at another width; examples stay as they are, to their end at an empty line."""
    block: list[str] = []
    example = False
    for line in [*docstring.splitlines(), ""]:
        if block and (not line or _begins(line, block)):
            yield from _wrapped(block, width)
            block = []
        example = bool(line) and (example or line.lstrip().startswith(">>>"))
        if example or not line:
            yield line
        else:
            block.append(line)


def _begins(line: str, block: list[str]) -> bool:
    """Whether a line starts a new paragraph or entry."""
    return block[-1].endswith(":") or line.lstrip().startswith(">>>") or bool(_ENTRY.match(line.lstrip()))


def _wrapped(block: list[str], width: int) -> list[str]:
    indent = " " * (len(block[0]) - len(block[0].lstrip()))
    hanging = indent + "    " * bool(indent and _ENTRY.match(block[0].lstrip()))
    return textwrap.wrap(
        " ".join(line.strip() for line in block), width, initial_indent=indent, subsequent_indent=hanging
    )


def render_hint(section: Section, hint: Hint, console: Console) -> None:
    """Print one hint, and the next command."""
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


def render_hints(exercise: str, hints: list[str], console: Console) -> None:
    """Print the hints that were shown so far."""
    console.print()
    for number, text in enumerate(hints, 1):
        console.print(Text.assemble("  ", (exercise, "bold"), f" — {number}"))
        console.print(Padding(Text(text), (0, 2, 1, 4)), width=min(console.width, WIDEST))


_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def render_diff(lines: Sequence[str], console: Console) -> None:
    """Print the lines of a diff. The sign before each line means the same as its colour."""
    for number, line in enumerate(lines):
        style = "bold" if number < 2 else _STYLES.get(line[:1], "")
        console.print(Text(line[:1] + clean(line[1:]), style), soft_wrap=True)
