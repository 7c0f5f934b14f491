"""`grade troubles` and `grade assign`: hand-ins that the grader cannot read, or whose student it does not know; and your
decision about each."""

from pathlib import Path

import click

from grader.cli.class_options import OUT, SECTIONS, rules_of
from grader.cli.command import examples
from grader.cli.common import PATH, console, exit_with
from grader.cli.group import cli
from grader.course import UsageError
from grader.find_course import find_course
from grader.toolkit.text import one_line


@cli.command(epilog=examples("grade troubles", "grade troubles --section {section}"))
@OUT
@SECTIONS
def troubles(out: Path, words: tuple[str, ...]) -> None:
    """List what could not be read or attributed, each with what settles it.

    Exit code 1 if there is something to settle. A mark by hand, in DIR/policy.toml, settles what cannot be read.
    """
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.gradebook.queries import troubles as noted
    from grader.batch.settling import settlings
    from grader.render.terminal.classroom import render_troubles

    course = find_course()
    with Gradebook(out / FILENAME, must_exist=True) as book:
        found = noted(book, [course.find(word).id for word in words])
    left = list(settlings(found, rules_of(course, None, out).adjustments, course.sections))
    exit_with(1 if render_troubles(left, out, console()) else 0)


@cli.command(epilog=examples("grade assign submissions/abgabe.py s1815 --section {section}"))
@click.argument("file", type=PATH)
@click.argument("student")
@click.option("--section", "word", metavar="SECTION", help="The section of the file, if its name does not tell it.")
@OUT
def assign(file: Path, student: str, word: str | None, out: Path) -> None:
    """Say whose a file or folder of the submissions is. The next `grade class` grades it.

    A file in an archive is named by the path of both: submissions/work.zip/abgabe.py
    """
    from grader.batch.class_command import again
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.gradebook.queries import people
    from grader.batch.roster import Assigned
    from grader.toolkit.typed_paths import as_typed

    section = find_course().find(word).id if word else ""
    if file.is_symlink() or not (file.exists() or file in _packed_beside(file)):
        raise UsageError(f"{one_line(str(file))}: there is no such file or folder. Name a file that was handed in.")
    with Gradebook(out / FILENAME, must_exist=True) as book:
        known = {key.casefold(): key for key, _, _ in people(book)}
        if student.casefold() not in known:
            some = ", ".join(one_line(key, 40) for key in list(known.values())[:5]) or "none yet"
            raise UsageError(f"{one_line(student)}: no student of the class has this id. Ids are, for example: {some}")
        book.assign(Assigned(file.resolve(), known[student.casefold()], section))
        command = again(book, [section] if section else [], place=file)
    click.echo(f"{one_line(as_typed(file))} is by {one_line(known[student.casefold()])}.")
    click.echo(f"  Next:  {command}")
    exit_with(0)


def _packed_beside(file: Path) -> list[Path]:
    """The files of the archive that a path leads into."""
    from grader.submission.locate import in_archive, sources_in

    packed = in_archive(file)
    return sources_in(packed[0], find_course().sections) if packed else []
