"""The command line. A command is a few lines that call one function; heavy imports stay inside it."""

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any

import click

from grader.cli import (  # noqa: F401, each registers its commands
    author_loop,
    authors,
    export,
    gradescope,
    instructors,
    plot,
    predict,
    read,
    repro,
    students,
    troubles,
)
from grader.cli.common import EXIT_GRADER_ERROR, EXIT_USAGE
from grader.cli.group import cli
from grader.course import UsageError
from grader.find_course import find_course
from grader.toolkit.text import harmless
from grader.toolkit.verdicts import CourseModuleError, GraderFaultError, ShellLimitError

__all__ = ["cli", "main"]

_RETRY_SECONDS = 0.01
_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line. Every error becomes a message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # print "?" for a character that the encoding lacks
            stream.reconfigure(errors="replace")
    keep_interrupts()
    try:
        _expect_working_folder()
        cli.main(arguments, prog_name="grade", standalone_mode=False)
    except UsageError as error:
        _fail(str(error), EXIT_USAGE)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except (KeyboardInterrupt, click.Abort):
        _fail("Interrupted.", 130)
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        if isinstance(error, SystemError) and "AST constructor" in str(error):
            _fail("Interrupted.", 130)  # what Python 3.11 makes of Ctrl-C while it parses a file
        _fail(_own_fault(error), EXIT_GRADER_ERROR)


def _expect_working_folder() -> None:
    """Raise UsageError if the working directory is gone, as after a download or a synchronisation that put another one there."""
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError(f"The folder of this terminal cannot be used: {error.strerror}. Try: cd FOLDER") from None


def _own_fault(error: BaseException) -> str:
    """The message of a grader error; with `GRADE_DEBUG=1`, the traceback of one whose cause is not known."""
    if isinstance(error, ShellLimitError):
        return f"Not graded: {error}\nThe limit is your shell's, and no points are lost."
    if isinstance(error, CourseModuleError):
        return error.told(find_course().is_kit)
    if isinstance(error, OSError) and error.errno in _FULL:
        where = error.filename or "the output, or a folder that it goes to,"
        return (
            f"{where} cannot be written: {error.strerror}. No points are lost. Make room, then type the command again."
        )
    if os.environ.get("GRADE_DEBUG"):
        import traceback

        return traceback.format_exc()
    name = "" if isinstance(error, GraderFaultError) else f"{type(error).__name__}: "
    return (
        f"grader error: {name}{error}\nThis is our fault, not yours: no points are lost. "
        "Look at the machine with: grade doctor\n(GRADE_DEBUG=1 shows where it happened.)"
    )


def _fail(message: str, code: int) -> Any:
    with suppress(OSError):  # standard error may be on a full disk, too
        click.echo(harmless(message), err=True)  # a message may quote the name of a submitted file
    sys.exit(code)


def keep_interrupts() -> None:
    """Repeat a Ctrl-C that came in a destructor or in a callback of the garbage collector, where Python ignores exceptions.

    hypothesis has such a callback: a grading spends a few percent of its time there.
    """
    tell = sys.unraisablehook

    def again(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            tell(unraisable)
            return
        import _thread
        import threading

        # Later, not from here: Python ignores exceptions here, too.
        timer = threading.Timer(_RETRY_SECONDS, _thread.interrupt_main)
        timer.daemon = True
        timer.start()

    sys.unraisablehook = again
