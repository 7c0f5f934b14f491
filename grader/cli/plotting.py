"""Draw a section's pictures: `grade plot SECTION [EXERCISE]`."""

import os
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import completion
from grader.cli.common import exit_with, importing, note, prepare_imports
from grader.cli.grading import SUBMISSION_HELP, UNSAFE_HELP
from grader.cli.group import cli
from grader.cli.verb import examples
from grader.course import Course, Section, UsageError, find_course

if TYPE_CHECKING:
    from grader.figures.gallery import Picture
    from grader.sandbox.process.launch import Sandbox
    from grader.submission.submission import Submission

KINDS = ("png", "svg", "html")


@cli.command(
    epilog=examples(
        "grade plot {section}   writes figures/{section}/*.png",
        "grade plot {section} {exercise} --show   those of one exercise, in the viewer of your desktop",
        "grade plot {section} --format html   one page with all of them",
    )
)
@click.argument("section", shell_complete=completion.sections)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises)
@click.option("--out", type=Path, metavar="DIR", help="Where to write. Default: figures/SECTION in the course.")
@click.option("--format", "kind", type=click.Choice(KINDS), default="png", show_default=True, help="What to write.")
@click.option("--show", is_flag=True, help="Open what was written.")
@click.option("--submission", type=Path, help=SUBMISSION_HELP)
@click.option("--unsafe", is_flag=True, help=UNSAFE_HELP)
def plot(
    section: str,
    exercises: tuple[str, ...],
    out: Path | None,
    kind: str,
    show: bool,
    submission: Path | None,
    unsafe: bool,
) -> None:
    """Draw the section's pictures from your own functions, with the numbers beside them."""
    course = find_course()
    chosen = course.find(section, "grade plot")
    names = tuple(chosen.find_exercise(exercise, "grade plot") for exercise in exercises)
    folder = out or folder_of(course, chosen)
    paths = _draw(course, chosen, names, submission or course.exercises, folder, kind, unsafe)
    if show:
        _open(paths)
    exit_with(0)


def folder_of(course: Course, section: Section) -> Path:
    """Where pictures go unless somebody names another place."""
    return course.root / "figures" / section.id


def _draw(
    course: Course,
    section: Section,
    exercises: tuple[str, ...],
    submission: Path,
    folder: Path,
    kind: Any,
    unsafe: bool,
) -> list[Path]:
    """Draw in a sandbox of one's own."""
    prepare_imports()
    from grader.sandbox.process.limits import FOR_PICTURES
    from grader.sandbox.process.trust import Trust, said_of_confinement
    from grader.service import Service
    from grader.submission.locate import locate

    own, trust = Trust(course.root), Trust(course.root, unsafe)
    files = locate(course, submission, [section]).expect_all()
    ((_, file),) = files
    with Service.open(course, trust, files, limits=FOR_PICTURES, preload=section.preload) as service:
        paths = draw(section, exercises, file, service.sandbox, folder, kind)
        note(said_of_confinement(service.sandbox.said, own.includes(file)))
        return paths


def draw(
    section: Section,
    exercises: Sequence[str],
    file: "Submission",
    sandbox: "Sandbox",
    folder: Path,
    kind: Any = KINDS[0],
    is_over: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Write the pictures, and say of each where it is and what it says. Returns the paths.

    `is_over` is asked after each whether there is something better to do. Raises UsageError if there is no picture.
    """
    with importing():
        from grader.figures.album import write_files, write_page
        from grader.figures.run import figures_for, one_by_one
        from grader.render.terminal.paths import as_typed
        from grader.render.terminal.progress import show_pictures
    if not figures_for(section, exercises):
        raise UsageError(_nothing(section, exercises))
    with show_pictures() as progress:
        pictures = takewhile(lambda _: not is_over(), one_by_one(section, file, sandbox, exercises, progress))
        written = write_page(pictures, folder, section.title) if kind == "html" else write_files(pictures, folder, kind)
        found = list(written)
    for picture, path in found:
        _say(picture, as_typed(path))
    return list(dict.fromkeys(path for _, path in found))


def _nothing(section: Section, exercises: Sequence[str]) -> str:
    """What to say where there is no picture."""
    from grader.figures.run import figures_for

    drawn = dict.fromkeys(name for figure in figures_for(section) for name in figure.exercises)
    if not drawn:
        return f"{section.id} has no pictures. To grade it: grade {section.id}"
    listing = ", ".join(drawn)
    return f"No picture is drawn from {', '.join(exercises)}. There are pictures of: {listing}. Try: grade plot {section.id}"


def _say(picture: "Picture", path: str) -> None:
    """Say where a picture is and what it shows, and below it what is missing or wrong in it."""
    click.echo(f"{path}\n  {picture.title}")
    for words in picture.missing:
        note(words)


def _open(paths: Sequence[Path]) -> None:
    """Open files in what the desktop opens them with; where there is no desktop, their paths have been printed."""
    desktop = sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    if not desktop or any(click.launch(str(path)) for path in paths):
        note("this machine has no image viewer. Open the files above.")
