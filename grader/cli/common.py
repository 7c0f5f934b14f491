"""What several verbs share: where to print, how to end, what may be written."""

import errno
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader.course import Course
from grader.sandbox.process.interpreter import prepare_imports as prepare_imports

if TYPE_CHECKING:
    from grader.grading.report import Report
    from grader.submission.submission import Submission

EXIT_USAGE, EXIT_GRADER_ERROR = 2, 3
ALL = "all"
SUBMISSION_HELP = "A section's .py or .ipynb, or a folder or .zip that holds it. Default: exercises/"
UNSAFE_HELP = "Run other people's code even without confinement."


def console() -> Any:
    """Where reports are printed; a width of none, as COLUMNS=0 asks for, would show nothing."""
    from rich.console import Console

    class Told(Console):
        def on_broken_pipe(self) -> None:
            # Where rich would end the program: there may be more to do than to print.
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    console = Told(highlight=False)
    return console if console.width > 0 else Told(highlight=False, width=80)


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


@contextmanager
def importing() -> Iterator[None]:
    """Import much, such as torch, without looking for garbage all the while, nor ever again among what was imported."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Print to whoever may have read enough, as `head -1` has: what is printed from then on, nobody gets."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def note(said: str) -> None:
    """Say something beside the matter, if there is anything to say."""
    if said:
        click.echo(f"  Note:  {said}")


def confinement_note(course: Course, reports: "Sequence[Report]", files: "Sequence[Submission]") -> str:
    """The note, once, that code has run with less than every layer of the sandbox; "" if there were all layers."""
    from grader.sandbox.process.trust import Trust, said_of_confinement

    own = all(Trust(course.root).includes(file) for file in files)
    return next(filter(None, (said_of_confinement(report.sandbox, own) for report in reports)), "")


def exit_with(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise SystemExit(code)
