"""What could not be read or attributed, one line each with the command that settles it: `grade troubles`."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.batch.gradebook.queries import OpenTrouble
from grader.render.terminal.text_layout import as_argument, as_typed
from grader.toolkit.text import one_line, shell_word

SETTLED_BY_HAND = frozenset({"unreadable", "empty", "unknown", "doubtful"})  # the others are graded as they should be


_COMMAND_LIMIT = 10_000  # letters: a command that is cut does not work


def render_troubles(found: Sequence[OpenTrouble], out: Path, console: Console) -> int:
    """Print them. Returns how many there are to settle."""
    to_settle = [one for one in found if one.kind in SETTLED_BY_HAND and one.place]
    for one in to_settle:
        who = f" ({one_line(one.student)})" if one.student else ""
        words = f"{one_line(as_typed(Path(one.place)))}{who}: {one_line(one.reason)}:  "
        console.print(Text.assemble(words, (one_line(_command(one, out), _COMMAND_LIMIT), "bold cyan")), soft_wrap=True)
    if not to_settle:
        console.print("Everything could be read, and belongs to a known student.")
    return len(to_settle)


def _command(one: OpenTrouble, out: Path) -> str:
    """The command to type. What needs a decision is in capitals."""
    student = "STUDENT" if one.kind in ("unknown", "doubtful") or not one.student else shell_word(one.student)
    place = as_argument(Path(one.place))
    if one.kind in ("unreadable", "empty") and Path(one.place).is_dir():
        place += "/FILE"
    words = ["grade assign", place, student]
    words += ["--section", one.section] if one.section else []
    words += ["--out", as_argument(out)] if out != Path("results") else []
    return " ".join(words)
