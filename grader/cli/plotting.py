"""Draw a section's pictures: `grade plot section4 [EXERCISE]`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.common import examples, exit_with, importing, one_thread
from grader.cli.grading import SUBMISSION_HELP, read_section
from grader.cli.group import cli
from grader.course import Course, Section, UsageError, find_course

if TYPE_CHECKING:
    from grader.figures.gallery import Picture

KINDS = ("png", "svg", "html")


@cli.command(
    epilog=examples(
        "grade plot section4                             writes figures/section4/*.png",
        "grade plot section4 momentum_step --show        those of one exercise, in the viewer of your desktop",
        "grade plot section4 --format html               one page with all of them",
    )
)
@click.argument("section", shell_complete=completion.sections)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises)
@click.option("--out", type=Path, metavar="DIR", help="Where to write. Default: figures/SECTION in the course.")
@click.option("--format", "kind", type=click.Choice(KINDS), default="png", show_default=True, help="What to write.")
@click.option("--show", is_flag=True, help="Open what was written.")
@click.option("--submission", type=Path, help=SUBMISSION_HELP)
def plot(
    section: str, exercises: tuple[str, ...], out: Path | None, kind: str, show: bool, submission: Path | None
) -> None:
    """Draw the section's pictures from your own functions, with the numbers beside them."""
    course = find_course()
    chosen = course.find(section)
    names = tuple(chosen.find_exercise(exercise) for exercise in exercises)
    folder = out or course.root / "figures" / chosen.id
    paths = _draw(course, chosen, names, submission or course.exercises, folder, kind)
    if show:
        _open(paths)
    exit_with(0)


def _draw(
    course: Course, section: Section, exercises: tuple[str, ...], submission: Path, folder: Path, kind: str
) -> list[Path]:
    """Write the pictures, and say of each where it is and what it says. Returns the paths."""
    one_thread()
    from grader.sandbox.launch import Sandbox
    from grader.sandbox.limits import FOR_PICTURES

    file = read_section(section, submission, course)
    with Sandbox.open(course, [file.source], limits=FOR_PICTURES) as sandbox:
        with importing():
            from grader.figures.album import write_files, write_page
            from grader.figures.run import figures_for, figures_of
            from grader.render.paths import as_typed
            from grader.render.progress import show_pictures
        if not figures_for(section, exercises):
            raise UsageError(_nothing(section, exercises))
        with show_pictures() as progress:
            pictures = figures_of(section, file, sandbox, exercises, progress)
            if kind == "html":
                paths = list(write_page(pictures, folder, section.title))
            else:
                paths = list(write_files(pictures, folder, "svg" if kind == "svg" else "png"))
    _say(pictures, [as_typed(path) for path in paths])
    return paths


def _nothing(section: Section, exercises: Sequence[str]) -> str:
    """What to say where there is no picture."""
    from grader.figures.run import figures_for

    drawn = dict.fromkeys(name for figure in figures_for(section) for name in figure.exercises)
    if not drawn:
        return f"{section.id} has no pictures. To grade it: grade {section.id}"
    listing = ", ".join(drawn)
    return f"No picture is drawn from {', '.join(exercises)}. Pictures there are of: {listing}. Try: grade plot {section.id}"


def _say(pictures: "Sequence[Picture]", paths: Sequence[str]) -> None:
    """List what was written, and below each picture what is missing in it."""
    for number, picture in enumerate(pictures):
        if len(paths) == len(pictures):
            click.echo(paths[number])
        click.echo(f"  {picture.title}")
        for words in picture.missing:
            click.echo(f"  Missing:  {words}")
    if len(paths) != len(pictures):
        click.echo("\n".join(paths))


def _open(paths: Sequence[Path]) -> None:
    """Open files in what the desktop opens them with; where there is none, their paths have been printed."""
    for path in paths:
        if click.launch(str(path)) != 0:
            return
