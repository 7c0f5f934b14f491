"""`grade gradescope`: the autograder for Gradescope, and what it calls there."""

from dataclasses import replace
from pathlib import Path

import click

from grader.batch.course_key import FILENAME, make_key, read_key
from grader.cli import completion
from grader.cli.command import CommandGroup, examples
from grader.cli.common import PATH, console, exit_with, importing, prepare_imports
from grader.cli.group import cli
from grader.cli.guard import OUTPUT
from grader.cli.writing import expect_writable, write_file
from grader.course import PUBLIC_KEY
from grader.find_course import find_course


@cli.group(cls=CommandGroup, epilog=examples("grade gradescope build --section {section}"))
def gradescope() -> None:
    """Make an autograder for Gradescope."""


@gradescope.command(epilog=examples("grade gradescope build --section {section} --out autograder.zip"))
@click.option(
    "--section",
    "words",
    multiple=True,
    metavar="SECTION",
    shell_complete=completion.sections,
    help="Only this section; otherwise an assignment has all of them.",
)
@click.option("--out", type=OUTPUT, metavar="FILE", help="The archive to write. Default: autograder.zip.")
@click.option(
    "--key",
    type=PATH,
    metavar="FILE",
    default=Path("results", FILENAME),
    show_default=True,
    help="The file of the course's key. The command makes it if it is missing.",
)
@click.option("--unsafe", is_flag=True, help="Grade there even without confinement.")
def build(words: tuple[str, ...], out: Path | None, key: Path, unsafe: bool) -> None:
    """Make the archive to upload as an assignment's autograder. It holds solutions: do not share it."""
    from grader.kit.autograder import FILENAME as ARCHIVE
    from grader.kit.autograder import autograder

    course = find_course()
    course.expect_solutions()
    path = out or Path(ARCHIVE)
    expect_writable(path)
    sections = [course.find(word) for word in words] or list(course.sections)
    write_file(path, autograder(replace(course, key=make_key(key)), sections, unsafe), private=True)  # it holds the key
    click.echo(f"{path} is the autograder for {', '.join(section.id for section in sections)}. It holds solutions.")
    click.echo(
        f"It grades with the key in {key}. Keep that file: with another key the same code may get another grade."
    )
    click.echo("  Next:  upload it to Gradescope, under Configure Autograder of a programming assignment")
    exit_with(0)


@gradescope.command(epilog=examples("grade gradescope run --submission FOLDER --out results.json"))
@click.option("--submission", type=PATH, metavar="FOLDER", required=True, help="The folder or file of the hand-in.")
@click.option("--out", type=OUTPUT, metavar="FILE", required=True, help="The results to write.")
@click.option("--unsafe", is_flag=True, help="Grade even without confinement.")
def run(submission: Path, out: Path, unsafe: bool) -> None:
    """Grade one submission, and write Gradescope's results, also for a broken hand-in. The autograder calls it."""
    prepare_imports()
    with importing():
        from grader.kit.autograder import grade_unattended
        from grader.render.export.report_gradescope import results_json
        from grader.render.terminal.detail import render_brief
        from grader.toolkit.text import harmless

    course = find_course()
    course = replace(course, key=read_key(course.root / FILENAME) or PUBLIC_KEY)
    graded = grade_unattended(course, submission, unsafe)
    write_file(out, results_json(graded.reports, remarks=graded.remarks, unreadable=graded.unreadable))
    render_brief(graded.reports, console())  # for instructors: students do not see this output
    for text in (*graded.remarks, *(report.notice for report in graded.reports if report.notice)):
        click.echo(harmless(text))
    exit_with(max(report.exit_code for report in graded.reports))
