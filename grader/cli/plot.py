"""`grade plot SECTION [EXERCISE]`: draw a section's pictures."""

from pathlib import Path

import click

from grader.cli import completion
from grader.cli.command import examples
from grader.cli.common import PATH, SUBMISSION_HELP, UNSAFE_HELP, exit_with, note, prepare_imports
from grader.cli.group import cli
from grader.cli.guard import OUTPUT
from grader.cli.pictures import PICTURE_FORMATS, draw, folder_of, open_files
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.section import Section
from grader.toolkit.text import shell_word


@cli.command(
    epilog=examples(
        "grade plot {section}   writes figures/{section}/*.png",
        "grade plot {section} {exercise} --show   those of one exercise, in the viewer of your desktop",
        "grade plot {section} --format html   one page with all of them",
    )
)
@click.argument("section", shell_complete=completion.sections)
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...", shell_complete=completion.exercises)
@click.option("--out", type=OUTPUT, metavar="DIR", help="Where to write. Default: figures/SECTION in the course.")
@click.option(
    "--format", "kind", type=click.Choice(PICTURE_FORMATS), default="png", show_default=True, help="What to write."
)
@click.option("--show", is_flag=True, help="Open the pictures.")
@click.option("--submission", type=PATH, help=SUBMISSION_HELP)
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
    if folder.suffix.removeprefix(".") in PICTURE_FORMATS and not folder.is_dir():
        again = f"grade plot {chosen.id} --out {shell_word(str(folder.with_suffix('')))}"
        raise UsageError(f"{folder}: there may be several pictures, so --out takes a folder. Try: {again}")
    paths = _draw(course, chosen, names, submission or course.exercises, folder, kind, unsafe)
    if show:
        open_files(paths)
    exit_with(0)


def _draw(
    course: Course,
    section: Section,
    exercises: tuple[str, ...],
    submission: Path,
    folder: Path,
    kind: str,
    unsafe: bool,
) -> list[Path]:
    """Open a sandbox, and draw in it."""
    prepare_imports()
    from grader.sandbox.process.trust import Trust, describe_confinement
    from grader.service import Service
    from grader.submission.locate import locate

    own, trust = Trust(course.root), Trust(course.root, unsafe)
    files = locate(course, submission, [section]).expect_all()
    ((_, file),) = files
    with Service.open(course, trust, files) as service:
        paths = draw(section, exercises, service.admit_for_pictures(file), folder, kind)
        note(file.remark)
        note(describe_confinement(service.confinement, own.includes(file)))
        return paths
