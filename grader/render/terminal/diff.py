"""Print a unified diff."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from grader.toolkit.text import clean

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def render(lines: Sequence[str], console: Console) -> None:
    """Print the lines of a diff; the sign before each says what the colour says."""
    for number, line in enumerate(lines):
        style = "bold" if number < 2 else _STYLES.get(line[:1], "")
        console.print(Text(line[:1] + clean(line[1:]), style), soft_wrap=True)
