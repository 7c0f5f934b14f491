"""Files that cannot be read, or whose student is not known, each with the command that settles it: `grade troubles`."""

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.batch.settling import Settling
from grader.toolkit.text import one_line, shell_word
from grader.toolkit.typed_paths import as_argument, as_typed, out_option

_COMMAND_LIMIT = 10_000  # letters: a command that is cut does not work


def render_troubles(found: Sequence[Settling], out: Path, console: Console) -> int:
    """Print them. Returns how many there are to settle."""
    for one in found:
        place = as_typed(Path(one.trouble.place)) if one.trouble.place else ""
        who = f"({one_line(one.trouble.student)})" if place and one.trouble.student else one_line(one.trouble.student)
        where = " ".join(filter(None, (one_line(place), who)))
        words = f"{where}: {one_line(one.trouble.reason)}:  "
        console.print(Text.assemble(words, (one_line(_way(one, out), _COMMAND_LIMIT), "bold cyan")), soft_wrap=True)
    if not found:
        console.print("Everything could be read, and belongs to a known student.")
    return len(found)


def _way(one: Settling, out: Path) -> str:
    """The command to type, or the mark to give by hand. What needs a decision is in capitals."""
    trouble, place = one.trouble, as_argument(Path(one.trouble.place))
    student = "STUDENT" if one.is_about_the_student else shell_word(trouble.student)
    if trouble.kind in ("unreadable", "empty"):
        if not one.files:
            section = trouble.section or "SECTION"
            return (
                "none of its files can be graded. Ask for another file, or give a mark by hand: in policy.toml, a line each, "
                f'[[adjustments]], student = "{trouble.student or "STUDENT"}", section = "{section}", points = POINTS, '
                'reason = "REASON"'
            )
        place = (
            as_argument(one.files[0])
            if len(one.files) == 1
            else f"{as_argument(Path(os.path.commonpath([file.parent for file in one.files])))}/FILE"
        )
    words = ["grade assign", place, student]
    words += ["--section", trouble.section] if trouble.section else []
    return " ".join(words) + out_option(out)
