"""`grade read SECTION`: the section as a page to read. `grade read --all`: the course as a small site."""

from pathlib import Path

import click

from grader.cli import completion
from grader.cli.command import examples
from grader.cli.common import (
    ALL,
    PATH,
    SUBMISSION_HELP,
    UNSAFE_HELP,
    confinement_note,
    exit_with,
    note,
    readers_may_leave,
)
from grader.cli.grading import graded
from grader.cli.group import cli
from grader.cli.guard import OUTPUT
from grader.cli.outputs import graded_sections
from grader.cli.pictures import open_files
from grader.cli.target import Target, find_target, is_path
from grader.cli.writing import expect_folder, expect_writable, write_file, write_files
from grader.course import UsageError
from grader.find_course import find_course

FOLDER = "reading"  # in the course


@cli.command(
    epilog=examples(
        "grade read {section}   writes reading/{section}.html",
        "grade read {section} --show   opens it in your browser, too",
        "grade read --all   the whole course, with contents and search: open reading/index.html",
    )
)
@click.argument("section", metavar="[SECTION|FILE]", required=False, shell_complete=completion.sections_or_files)
@click.option("--all", "everything", is_flag=True, help="Make a page of every section, and one with the contents.")
@click.option("--out", type=OUTPUT, metavar="PATH", help="The page, or with --all the folder. Default: in reading/.")
@click.option("--show", is_flag=True, help="Open the page in your browser.")
@click.option("--submission", type=PATH, help=SUBMISSION_HELP)
@click.option("--unsafe", is_flag=True, help=UNSAFE_HELP)
def read(
    section: str | None, everything: bool, out: Path | None, show: bool, submission: Path | None, unsafe: bool
) -> None:
    """Make a section a page to read: text, formulas, your own pictures and predictions, sliders, and what to run next."""
    if (section is None) is not everything:
        raise UsageError("Name a section, or take all of them: grade read --all")
    course = find_course()
    if section is not None and not is_path(section):
        course.find(section, "grade read", of_exercises=False)
    target = find_target(course, section or ALL, (), submission)
    if section is not None and len(target.files) > 1:
        raise UsageError(f"{section} holds several sections. Name one: grade read {target.sections[0].id}")
    place = _write(target, everything, out, unsafe)
    if show:
        open_files([place])
    exit_with(0)


def _write(target: Target, everything: bool, out: Path | None, unsafe: bool) -> Path:
    """Grade, then write the page or the site. Returns the page to open."""
    from grader.sandbox.process.trust import Trust
    from grader.service import Service

    place = out or target.course.root / FOLDER
    if out is None:
        try:
            place.mkdir(exist_ok=True)
        except OSError as error:
            raise UsageError(f"{place}: cannot be made: {error.strerror}. Name another place: --out PATH") from None
    if everything:
        expect_folder(place)
    else:
        place = out or place / f"{target.sections[0].id}.html"
        expect_writable(place)
    with Service.open(target.course, Trust(target.course.root, unsafe), target.submissions) as service:
        reports = graded(target, service)
        from grader.render.web.reader import INDEX, read_page, read_site
        from grader.toolkit.typed_paths import as_typed

        found = graded_sections(target.submissions, reports, service, target.words, unwritten_too=False)
        if everything:
            title = target.course.settings.title or "The course"
            write_files(place, read_site(title, target.sections, found))
            place = place / INDEX
        else:
            write_file(place, read_page(target.sections[0], next(found)))
        with readers_may_leave():
            click.echo(as_typed(place))
            for file in target.files:
                note(file.remark)
            note(confinement_note(target.course, reports, target.files))
    return place
