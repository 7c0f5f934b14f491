"""Print an exercise's text, and where to write it."""

import re
import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from grader.course import Section
from grader.grading.exercise_text import ExerciseText
from grader.render.terminal.layout import WIDEST, heading
from grader.render.terminal.paths import as_typed
from grader.toolkit.text import clean

_ENTRY = re.compile(r"\w+: ")  # of "Args:" and the like
_MARGIN = 2


def render(section: Section, text: ExerciseText, console: Console) -> None:
    """Print signature and docstring, fitted to the terminal, then what to type."""
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
    """Whether a line is no continuation of the lines before it."""
    return block[-1].endswith(":") or line.lstrip().startswith(">>>") or bool(_ENTRY.match(line.lstrip()))


def _wrapped(block: list[str], width: int) -> list[str]:
    indent = " " * (len(block[0]) - len(block[0].lstrip()))
    hanging = indent + "    " * bool(indent and _ENTRY.match(block[0].lstrip()))
    return textwrap.wrap(
        " ".join(line.strip() for line in block), width, initial_indent=indent, subsequent_indent=hanging
    )
