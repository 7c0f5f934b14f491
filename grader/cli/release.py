"""`grade release`: the student kit."""

from pathlib import Path

import click

from grader.cli.common import exit_with
from grader.cli.group import cli
from grader.cli.verb import examples
from grader.course import find_course


@cli.command(epilog=examples("grade release ../optimization-exercises --zip"))
@click.argument("folder", type=Path)
@click.option("--zip", "as_zip", is_flag=True, help="Also write FOLDER.zip, the same bytes for the same course.")
def release(folder: Path, as_zip: bool) -> None:
    """Make the student kit in FOLDER: exercises, notebooks, visible checks, the grader and the data; no solutions."""
    from grader.kit.release import kit, write_kit
    from grader.render.terminal.paths import as_argument, as_typed

    course = find_course()
    course.expect_solutions()
    target = folder.resolve()
    archive = target.with_name(f"{target.name}.zip") if as_zip else None
    files = kit(course)
    write_kit(files, target, archive)
    click.echo(
        f"{as_typed(target)} is the student kit, of {len(files)} files."
        + (f" As an archive: {as_typed(archive)}" if archive else "")
    )
    click.echo(f"  Next:  read its README.md, then try it: cd {as_argument(target)} && grade")
    exit_with(0)
