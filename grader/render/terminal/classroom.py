"""The output of `grade class`: progress on standard error, then marks and troubles. `grade troubles` prints what settles them."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader.batch.entries import Kind
from grader.batch.intake import Trouble
from grader.batch.marks import StudentMark
from grader.batch.regrade import Change
from grader.batch.settling import SETTLED_BY_HAND, Settling
from grader.render.terminal.text_layout import aligned
from grader.render.words import points
from grader.toolkit.text import one_line, plural, shell_word
from grader.toolkit.typed_paths import as_argument, as_typed, out_option

_LISTED = 20  # troubles of one kind, and changes
_LINE_SECONDS = 30.0  # between lines of progress where there is no terminal
_WINDOW_SECONDS = 120.0  # what the rate is measured over
_KINDS: dict[Kind, str] = {
    "unreadable": "Cannot be read, and has no grade",
    "empty": "Empty, or without the section's file",
    "unknown": "Not in the roster, and graded under the name that was found",
    "doubtful": "Perhaps another student's: the file and the roster give different names. Graded",
    "nameless": "Under another name, and graded as the only file",
    "duplicate": "Not graded again: the same file twice, or one beside the graded file",
    "table": "Tables among the submissions, and not read",
    "missing": "In the roster, without a hand-in",
}
_COMMAND_LIMIT = 10_000  # letters: a command that is cut does not work


class _Rate(ProgressColumn):
    """Gradings per second, or per minute where they are slow."""

    def render(self, task: Task) -> Text:
        return Text(_rate(task.speed), "dim")


def _rate(speed: float | None) -> str:
    if not speed:
        return ""
    return f"{speed:.1f} per s" if speed >= 1 else f"{60 * speed:.1f} per min"


@contextmanager
def show_grading(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows how far a batch is: a bar on a terminal, else a line now and then."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield _Lines(console, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, speed_estimate_period=_WINDOW_SECONDS) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


class _Lines:
    """Progress as lines, for a log."""

    def __init__(self, console: Console, what: str) -> None:
        self._console, self._what = console, what
        self._started = self._said = time.monotonic()

    def __call__(self, done: int, count: int) -> None:
        now = time.monotonic()
        if done in (0, count) or now - self._said < _LINE_SECONDS:
            return
        self._said, speed = now, done / (now - self._started)
        left = f"{(count - done) / speed / 60:.0f} min left"
        self._console.print(Text(f"{self._what}: {done} of {count}, {_rate(speed)}, {left}"), soft_wrap=True)


def render_refused(refused: Mapping[str, str], console: Console) -> None:
    """Print which workers get no work, and why."""
    for name, reason in refused.items():
        console.print(Text(f"refused: {one_line(name)}: {one_line(reason)}", "yellow"), soft_wrap=True)


def render_class(
    found: Sequence[StudentMark],
    troubles: Sequence[Trouble],
    outdated: int,
    idle: Sequence[str],
    gradebook: Path,
    console: Console,
) -> None:
    """Print the sections with their marks, then everything that a person should look at."""
    console.print()
    rows = [tuple(Text(word, "bold") for word in ("section", "students", "mean", "all points", "no points"))]
    for section in sorted({one.section for one in found}, key=lambda word: (len(word), word)):
        rows.append(_row(section, [one for one in found if one.section == section]))
    if len(rows) > 1:
        for line in aligned(rows, right=(1, 2, 3, 4)).split():
            console.print(Text.assemble("  ", line), soft_wrap=True)
    _render_troubles(troubles, console)
    if any(one.kind in SETTLED_BY_HAND for one in troubles):
        console.print()
        _say(console, "To settle each:  ", f"grade troubles --out {as_argument(gradebook.parent)}")
    for one in idle:
        console.print(Text(f"  {one}", "yellow"), soft_wrap=True)  # it may end in a command
    errors = sum(one.mark.grader_error for one in found)
    console.print()
    if outdated:
        _say(console, f"{plural(outdated, 'grade')} by another grader, other checks or libraries than today's:  ",
             f"grade regrade --outdated --out {as_argument(gradebook.parent)}")  # fmt: skip
    if errors:
        _say(console, f"{plural(errors, 'grader error')}, no points lost yet:  ",
             f"grade regrade --status grader_error --out {as_argument(gradebook.parent)}")  # fmt: skip
    console.print(Text(f"  Gradebook: {one_line(as_typed(gradebook))}"), soft_wrap=True)


def _row(section: str, found: Sequence[StudentMark]) -> tuple[Text, ...]:
    sure = [one for one in found if one.grading is not None and not one.mark.grader_error]
    mean = f"{sum(one.mark.points for one in sure) / len(sure):.2f} / {points(sure[0].max_points)}" if sure else "-"
    full = sum(one.mark.points >= one.max_points for one in sure)
    none = sum(one.mark.points == 0 for one in sure)
    return Text(section, "bold"), Text(str(len(found))), Text(mean), Text(str(full)), Text(str(none))


def _render_troubles(troubles: Sequence[Trouble], console: Console) -> None:
    counts = Counter(one.kind for one in troubles)
    for kind, title in _KINDS.items():
        if not counts[kind]:
            continue
        console.print()
        console.print(Text(f"  {title} ({counts[kind]})", "bold yellow"))
        for one in [one for one in troubles if one.kind == kind][:_LISTED]:
            where = " ".join(part for part in (one.place or one.student, one.section) if part)
            console.print(Text(f"    {one_line(where)}: {one_line(one.reason)}"), soft_wrap=True)
        if counts[kind] > _LISTED:
            console.print(f"    and {counts[kind] - _LISTED} more")


def render_changes(changes: Sequence[Change], regraded: int, failed: int, out: Path, console: Console) -> None:
    """Print the changed grades with the reasons, and the gradings in which the grader `failed`, which change no grade."""
    changed = [one for one in changes if one.changed]
    console.print()
    console.print(Text(f"{plural(regraded, 'grading')} repeated, {len(changed)} with another result.", "bold"))
    for one in changed[:_LISTED]:
        names = ", ".join(map(one_line, one.students[:3])) + (", …" if len(one.students) > 3 else "")
        console.print(
            Text(f"  {names}, {one.section}: {points(one.before)} -> {points(one.after)} points"), soft_wrap=True
        )
        for check in one.checks:
            gained = f"  ({check.points:+g})" if check.points else ""
            console.print(Text(f"      {one_line(check.id)}: {check.before} -> {check.after}{gained}"), soft_wrap=True)
        console.print(Text(f"      why: {'; '.join(map(one_line, one.reasons))}", "dim"), soft_wrap=True)
    if len(changed) > _LISTED:
        console.print(f"  and {len(changed) - _LISTED} more")
    if failed:
        _say(console, f"{plural(failed, 'grader error')}: the earlier grades stay. Fix the checks, then:  ",
             f"grade regrade --status grader_error --out {as_argument(out)}")  # fmt: skip


def _say(console: Console, text: str, command: str) -> None:
    console.print(Text.assemble(f"  {text}", (one_line(command, 10_000), "bold cyan")), soft_wrap=True)


def render_troubles(found: Sequence[Settling], out: Path, console: Console) -> int:
    """Print the troubles, each with the command that settles it. Returns how many there are."""
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
