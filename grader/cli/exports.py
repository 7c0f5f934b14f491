"""Verbs for whoever takes the grades of a class elsewhere."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.common import EXIT_GRADER_ERROR, exit_with, expect_writable, write_file
from grader.cli.group import cli
from grader.cli.instructors import OUT, POLICY, SECTIONS
from grader.cli.ledgers import opened, say, write_site
from grader.cli.verb import examples
from grader.course import Course, UsageError, find_course
from grader.toolkit.text import one_line, plural

if TYPE_CHECKING:
    from grader.batch.ledger import Ledger, Person
    from grader.render.export.columns import Filled

_LISTED = 5
_TABLES, _FOLDERS = ("canvas", "moodle", "csv", "json"), ("gradescope", "feedback", "html")
KINDS = (*_TABLES, *_FOLDERS)


@cli.command(
    epilog=examples(
        "grade export csv   a table, to standard output",
        "grade export canvas --like EXPORTED.csv --file marks.csv   your Canvas gradebook, filled in",
        "grade export moodle --section {section} --like WORKSHEET.csv   a grading worksheet of Moodle",
        "grade export gradescope --file FOLDER   a results.json per student",
        "grade export feedback --section {section} --file feedback.zip   what each student is told",
        "grade export html --file pages   pages about the class, for instructors",
    )
)
@click.argument("kind", type=click.Choice(KINDS))
@OUT
@click.option(
    "--file", type=Path, metavar="FILE", help="Where to write to; gradescope, feedback and html: a folder, or a .zip."
)
@SECTIONS
@POLICY
@click.option("--like", type=Path, metavar="FILE", help="A table that Canvas or Moodle has exported, to be filled in.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="SECTION=TITLE",
    help="How Canvas or Moodle calls a section.",
)
@click.option("--format", "style", metavar="KIND", default="txt", show_default=True, help="How feedback is written.")
def export(
    kind: str,
    out: Path,
    file: Path | None,
    words: tuple[str, ...],
    policy: Path | None,
    like: Path | None,
    columns: tuple[str, ...],
    style: str,
) -> None:
    """Write the marks of a class for another system, or for people: the same bytes for the same grades.

    Where the grader failed there is no mark, and exit code 3.
    """
    course = find_course()
    titles = _titles(course, columns)
    if like is not None and kind not in ("canvas", "moodle"):
        raise UsageError("--like is for canvas and moodle")
    if like is not None and file is not None and file.exists() and like.exists() and file.samefile(like):
        raise UsageError(f"{one_line(str(file))}: holds what else your system has in it. Write to another: --file FILE")
    if file is None and kind in _FOLDERS:
        raise UsageError(f"These are many files. Name a folder or a zip: grade export {kind} --file {kind}.zip")
    if file is not None and kind in _TABLES:
        expect_writable(file)
    with opened(course, words, out, policy, audited=True) as ledger:
        if kind == "html":
            assert file is not None
            write_site(file, ledger)
        elif kind in _FOLDERS:
            assert file is not None
            _write_many(kind, ledger, file, style)
        else:
            data = _table(kind, ledger, like, titles)
            if file is None:
                _print(data)
            else:
                write_file(file, data)
        _tell_outdated(ledger)
        exit_with(tell_missing(ledger))


def _print(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"standard output: cannot be written: {error.strerror}. Name a file: --file FILE") from None


def _table(kind: str, ledger: "Ledger", like: Path | None, titles: dict[str, str]) -> bytes:
    from grader.render.export import canvas, moodle
    from grader.render.export.record import class_json
    from grader.render.export.table import class_table

    if like is not None:
        return _filled(kind, ledger, like, titles)
    if kind == "canvas":
        return canvas.gradebook(ledger, titles)
    if kind == "moodle":
        return moodle.grades(ledger, titles)
    return class_json(ledger) if kind == "json" else class_table(ledger)


def _filled(kind: str, ledger: "Ledger", like: Path, titles: dict[str, str]) -> bytes:
    """Fill a table of the system's own, and say who is not in it."""
    from grader.batch.tables import read_table
    from grader.render.export import canvas, moodle

    rows = read_table(like, canvas.EXPECTED if kind == "canvas" else moodle.EXPECTED)
    try:
        found: Filled = (
            canvas.fill_gradebook(ledger, rows, titles) if kind == "canvas" else moodle.fill_worksheet(ledger, rows)
        )
    except UsageError as error:
        raise UsageError(f"{one_line(str(like))}: {error}") from None
    if found.strangers:
        say(f"no row in {one_line(str(like))} for {_named(found.strangers)}")
    if found.kept:
        say(f"left as it is in {one_line(str(like))}, excused or locked: {_named(found.kept)}")
    return found.data


def _write_many(kind: str, ledger: "Ledger", where: Path, style: str) -> None:
    from grader.batch.archive import write_files
    from grader.render.export import feedback
    from grader.render.export.gradescope_files import results_files

    if style not in feedback.FORMATS:
        raise UsageError(f"--format takes one of: {', '.join(feedback.FORMATS)}")
    count = write_files(where, feedback.files(ledger, style) if kind == "feedback" else results_files(ledger))
    say(f"{count} files in {one_line(str(where))}")


def _tell_outdated(ledger: "Ledger") -> None:
    """Say whether marks may be out of other points than others, or other than they would be today."""
    from grader.batch.environment import environments
    from grader.batch.regrade import count_outdated

    today = environments(find_course(), [section.id for section in ledger.sections])
    if count := count_outdated(ledger.book, today):
        say(
            f"{plural(count, 'grade')} by another grader, other checks or libraries than today's. "
            "To grade again: grade regrade --outdated"
        )


def tell_missing(ledger: "Ledger") -> int:
    """Say whose marks are missing, or may change, though something was handed in.

    Returns the exit code: 3 for grader errors, 1 for others.
    """
    from grader.batch.ledger import Why

    code = 0
    if changing := ledger.waiting():
        say(
            f"a newer file is not graded yet, and may change the mark: {_named(changing)}. To grade: grade class SUBMISSIONS"
        )
        code = 1
    if besides := ledger.half_read():
        say(
            f"besides what has a mark, something cannot be read: {_named(besides)}. To see why: grade class SUBMISSIONS"
        )
        code = 1
    ways = {
        Why.WAITING: "To grade: grade class SUBMISSIONS",
        Why.UNREADABLE: "Look at their files, or see why: grade class SUBMISSIONS",
        Why.FAULT: "To grade: grade regrade --status grader_error",
    }
    for why, way in ways.items():
        found = ledger.having(why)
        if found:
            people = [person for person, _ in found]
            say(f"{why}, and therefore no mark: {_named(people)}. {way}")
            code = EXIT_GRADER_ERROR if why is Why.FAULT else 1
    return code


def _named(people: "Sequence[Person]") -> str:
    names = list(dict.fromkeys(one_line(person.id) for person in people))
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _titles(course: Course, columns: Sequence[str]) -> dict[str, str]:
    titles = {}
    for word in columns:
        section, equals, title = word.partition("=")
        if not equals or not title:
            raise UsageError(f'--column {one_line(word)}: expected SECTION=TITLE, such as section1="Week 1"')
        titles[course.find(section).id] = title
    return titles
