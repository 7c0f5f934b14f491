"""Draw pictures from a student's functions, for `grade plot` and `--watch`."""

import os
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.common import importing, note
from grader.course import Course, UsageError
from grader.section import Section

if TYPE_CHECKING:
    from grader.figures.picture import Picture
    from grader.sandbox.calls.sandboxed_submission import SandboxedSubmission

PICTURE_FORMATS = ("png", "svg", "html")


def folder_of(course: Course, section: Section) -> Path:
    """The default folder for the pictures of a section."""
    return course.root / "figures" / section.id


def draw(
    section: Section,
    exercises: Sequence[str],
    submission: "SandboxedSubmission",
    folder: Path,
    kind: Any = PICTURE_FORMATS[0],
    is_over: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Write the pictures, and print the path and the title of each. Returns the paths.

    Stops when `is_over` returns True. Raises UsageError if there is no picture.
    """
    with importing():
        from grader.figures.picture import figures_for, figures_of
        from grader.figures.picture_files import write_files, write_page
        from grader.render.terminal.progress import show_pictures
        from grader.toolkit.typed_paths import as_typed
    if not figures_for(section, exercises):
        raise UsageError(_nothing(section, exercises))
    with show_pictures() as progress:
        pictures = takewhile(lambda _: not is_over(), figures_of(section, submission, exercises, progress))
        written = write_page(pictures, folder, section.title) if kind == "html" else write_files(pictures, folder, kind)
        found = list(written)
    for picture, path in found:
        _say(picture, as_typed(path))
    return list(dict.fromkeys(path for _, path in found))


def _nothing(section: Section, exercises: Sequence[str]) -> str:
    """The message if there is no picture."""
    from grader.figures.picture import figures_for

    drawn = dict.fromkeys(name for figure in figures_for(section) for name in figure.exercises)
    if not drawn:
        return f"{section.id} has no pictures. To grade it: grade {section.id}"
    listing = ", ".join(drawn)
    return f"No picture is drawn from {', '.join(exercises)}. There are pictures of: {listing}. Try: grade plot {section.id}"


def _say(picture: "Picture", path: str) -> None:
    """Print the path and title of a picture, and what is missing or wrong in it."""
    click.echo(f"{path}\n  {picture.title}")
    for words in picture.missing:
        note(words)


def open_files(paths: Sequence[Path]) -> None:
    """Open files with the programs of the desktop, if there is a desktop."""
    desktop = sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if not desktop or any(click.launch(str(path)) for path in paths):
        note("this machine has no viewer. Open the files above.")
