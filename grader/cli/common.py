"""Parts that several commands share: the console, imports, notes, exit codes."""

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader.course import Course
from grader.sandbox.process.interpreter import importing as importing
from grader.sandbox.process.interpreter import prepare_imports as prepare_imports
from grader.sandbox.process.resources import usable_cores as usable_cores
from grader.submission.formats import FORMATS
from grader.toolkit.text import harmless

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.submission.submission import Submission

EXIT_USAGE, EXIT_GRADER_ERROR = 2, 3
ALL = "all"
PATH = click.Path(readable=False, path_type=Path)  # the Tab key completes it; a later error names an unreadable path
SUBMISSION_HELP = f"A section's {' or '.join(FORMATS)}, or a folder or .zip that holds it. Default: exercises/"
UNSAFE_HELP = "Run other people's code even without confinement."


def console() -> Any:
    """The console for Reports; at least 80 columns wide if COLUMNS=0."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            # rich would end the program, which may have more to do.
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    console = _Console(highlight=False)
    return console if console.width > 0 else _Console(highlight=False, width=80)


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Print, and ignore a reader that closes the pipe, such as `head -1`."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def note(text: str) -> None:
    """Print a note, unless it is empty."""
    if text:
        click.echo(f"  Note:  {harmless(text)}")


def confinement_note(course: Course, reports: "Sequence[Report]", files: "Sequence[Submission]") -> str:
    """The note, once, that code has run with less than every layer of the sandbox; "" if there were all layers."""
    from grader.sandbox.process.trust import Trust, describe_confinement

    own = all(Trust(course.root).includes(file) for file in files)
    return next(filter(None, (describe_confinement(report.sandbox, own) for report in reports)), "")


def exit_with(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise SystemExit(code)
