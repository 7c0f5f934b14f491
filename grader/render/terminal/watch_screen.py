"""The screen of a student whose section is graded on every save."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.text import Text

from grader.grading.afterwards import Suggestion
from grader.grading.report import ExerciseResult, Report, Status
from grader.render.terminal.overview import render_suggestions
from grader.render.terminal.terminal import render_body
from grader.render.terminal.text_layout import inert
from grader.render.words import DONE, has_failures, task_of
from grader.service.watched_file import WatchGrading
from grader.toolkit.text import clean


@dataclass(frozen=True)
class Lead:
    """The news of a grading: the points that it changed, the exercises that pass now, and the next step."""

    change: str = ""
    passed: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def render_watched(
    found: WatchGrading,
    seconds: float,
    when: datetime,
    keys: Mapping[str, str],
    console: Console,
    everything: bool = False,
    lead: Lead = Lead(),  # it never changes
) -> None:
    """Show a grading on an empty screen: one failing exercise in full, or with `everything` each, and the next step."""
    clear(console)
    report = found.report
    shown = first_failing(found)
    render_body(report, console, in_full=None if everything else shown.name if shown else "")
    console.print()
    _render_lead(lead, console)
    for line in _next(report, None if everything else shown).split():
        console.print(inert(line), soft_wrap=True)
    if shown is None and (first := _first_check(report)):
        _say(f"       Its first check: {first}.", console)
    console.print()
    _say(f"{when:%H:%M:%S}  {_graded(found, seconds)}", console)
    render_keys(keys, console)


def _render_lead(lead: Lead, console: Console) -> None:
    """Show the change, and the next step for exercises that pass now."""
    if lead.change:
        _say(f"{lead.change}.", console)
    if lead.passed:
        console.print(Text(f"  {' and '.join(lead.passed)}: passed.", "bold green"), soft_wrap=True)
    render_suggestions(lead.suggestions, console)
    if lead.change or lead.passed or lead.suggestions:
        console.print()


def _first_check(report: Report) -> str:
    """The title of the first check of the next exercise that does not pass."""
    return next(
        (check.title for one in report.exercises for check in one.checks if check.status is not Status.PASSED), ""
    )


def render_early(found: WatchGrading, seconds: float, console: Console) -> None:
    """Show the changed exercises, while the exercises that use them are still being graded."""
    clear(console)
    shown = first_failing(found)
    render_body(found.report, console, in_full=shown.name if shown else "")
    console.print()
    _say(
        f"Graded: {', '.join(found.graded)} ({seconds:.1f} s). Now what builds on it: {', '.join(found.under_way)}.",
        console,
    )


def first_failing(found: WatchGrading) -> ExerciseResult | None:
    """The exercise to show in full: the first failing exercise of those just graded, or else of all."""
    failing = [one for one in found.report.exercises if has_failures(one)]
    return next((one for one in failing if one.name in found.graded), failing[0] if failing else None)


def first_open(report: Report) -> str | None:
    """The exercise to work on next: the first that does not pass, or the exercise that it waits for."""
    return next((task_of(report, one)[1] for one in report.exercises if not one.passed), None)


def render_keys(keys: Mapping[str, str], console: Console) -> None:
    """Say which keys there are, and how it ends."""
    named = [f"{key} {meaning}" for key, meaning in keys.items()]
    _say(f"Keys: {', '.join(named)}." if named else "Waiting for the next save; Ctrl-C ends it.", console)


def render_trouble(message: str, console: Console) -> None:
    """Say why the file cannot be read."""
    render_message(message, console)
    _say("Waiting for the next save.", console)


def render_message(message: str, console: Console) -> None:
    """Print why a request failed."""
    console.print()
    for line in clean(message).splitlines():
        _say(line, console)


def clear(console: Console) -> None:
    """Begin on an empty screen, where there is one."""
    if console.is_terminal and not console.is_dumb_terminal:
        console.clear()


def _graded(found: WatchGrading, seconds: float) -> str:
    if not found.graded:
        return "Saved: no exercise has changed."
    names = ", ".join(found.graded)
    if found.whole:
        return f"Graded: {'all' if len(found.graded) > 1 else names} ({seconds:.1f} s)."
    return f"Graded: {names} ({seconds:.1f} s). The results of the others still hold."


def _next(report: Report, shown: ExerciseResult | None) -> Text:
    """The next step: about the exercise that is shown in full, if there is one."""
    exercise = shown or next((one for one in report.exercises if not one.passed), None)
    if exercise is not None:
        return Text.assemble(("  Next:  ", "bold"), f"{task_of(report, exercise)[0]}, and save.")
    return Text(f"  {DONE}", "bold green")


def _say(text: str, console: Console) -> None:
    for line in Text(text).wrap(console, console.width - 2):
        console.print(Text.assemble("  ", line), soft_wrap=True)
