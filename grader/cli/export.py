"""`grade export`: the marks of a class for another system, or for people. `render/export/` has the exporters."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.class_options import OUT, POLICY, SECTIONS, opened, say
from grader.cli.command import Command, CommandGroup, examples
from grader.cli.common import EXIT_GRADER_ERROR, exit_with
from grader.cli.group import cli
from grader.cli.guard import OUTPUT
from grader.cli.writing import expect_writable, write_file, write_files
from grader.course import UsageError
from grader.find_course import find_course
from grader.toolkit.text import one_line, plural

if TYPE_CHECKING:
    from grader.batch.ledger import Ledger
    from grader.render.export.exporter import Export, Exporter


class _Exporters(CommandGroup):
    """A command for each exporter. They are imported when a person asks for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from grader.render.export.exporter import exporters

        return [*exporters()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from grader.render.export.exporter import exporters

        found = exporters()
        if cmd_name not in found:
            raise UsageError(f'There is no exporter "{cmd_name}". Exporters: {", ".join(found)}')
        return _command(found[cmd_name])


@cli.group(
    cls=_Exporters, epilog=examples("grade export csv", "grade export canvas --like EXPORTED.csv --file marks.csv")
)
def export() -> None:
    """Write the marks of a class for another system, or for people: the same bytes for the same grades.

    Where the grader failed there is no mark, and exit code 3.
    """


def _command(exporter: "Exporter") -> click.Command:
    place = "The folder or .zip to write." if exporter.several else "The file to write. Default: standard output."

    @click.command(
        exporter.name,
        cls=Command,
        help=exporter.help,
        epilog=examples(*(exporter.examples or [f"grade export {exporter.name}"])),
    )
    @OUT
    @click.option("--file", type=OUTPUT, metavar="FILE", help=place)
    @SECTIONS
    @POLICY
    def command(out: Path, file: Path | None, words: tuple[str, ...], policy: Path | None, **options: Any) -> None:
        from grader.toolkit.typed_paths import out_option

        _expect_place(exporter, file)
        with opened(find_course(), words, out, policy, audited=True) as ledger:
            write_export(exporter.write(ledger, **options), file)
            where = out_option(out)
            _tell_outdated(ledger, where)
            exit_with(_tell_missing(ledger, where))

    command.params += exporter.options
    return command


def _expect_place(exporter: "Exporter", file: Path | None) -> None:
    """Raise UsageError if the marks cannot be written there."""
    if file is None:
        if exporter.several:
            raise UsageError(f"These are many files. Name a folder or a zip: --file {exporter.name}.zip")
    elif not exporter.several:
        expect_writable(file)


def write_export(export: "Export", file: Path | None) -> None:
    """Write an export to a file, folder or zip, or to standard output; then tell its notes."""
    if not isinstance(export.content, bytes):
        assert file is not None
        say(f"{write_files(file, export.content)} files in {one_line(str(file))}")
    elif file is None:
        _print(export.content)
    else:
        write_file(file, export.content)
    for note in export.notes:
        say(note)


def _print(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"standard output: cannot be written: {error.strerror}. Name a file: --file FILE") from None


def _tell_outdated(ledger: "Ledger", where: str) -> None:
    """Say how many grades come from another grader, or from other checks or libraries, than today's.

    `where` is the option that names the gradebook, if it is needed.
    """
    from grader.batch.environment import environments
    from grader.batch.regrade import count_outdated

    today = environments(find_course(), [section.id for section in ledger.sections])
    if count := count_outdated(ledger.book, today):
        say(
            f"{plural(count, 'grade')} by another grader, other checks or libraries than today's. "
            f"To grade again: grade regrade --outdated{where}"
        )


def _tell_missing(ledger: "Ledger", where: str) -> int:
    """Say whose marks are missing, or may change, though something was handed in.

    Returns the exit code: 3 for grader errors, 1 for others.
    """
    from grader.batch.class_command import again
    from grader.batch.ledger import Why
    from grader.render.export.lms_table import named

    code, ids = 0, [section.id for section in ledger.sections if ledger.waits(section)]
    if above := ledger.above():
        say(f"a mark above the maximum, by an adjustment: {named(above)}. To change it: [[adjustments]] in policy.toml")
    if changing := ledger.waiting():
        say(
            f"a newer file is not graded yet, and may change the mark: {named(changing)}. "
            f"To grade: {again(ledger.book, ids)}"
        )
        code = 1
    if besides := ledger.half_read():
        say(f"some files of students with a mark cannot be read: {named(besides)}. To see why: grade troubles{where}")
        code = 1
    if unknown := ledger.unknown_people():
        say(
            f"graded, but not in the roster: {named(unknown)}. Perhaps these are students who have 0, since nothing was "
            f"handed in under their own id. To name the students: grade troubles{where}"
        )
        code = 1
    ways = {
        Why.WAITING: f"To grade: {again(ledger.book, ids)}",
        Why.UNREADABLE: f"Look at their files, or see why: grade troubles{where}",
        Why.FAULT: f"To grade: grade regrade --status grader_error{where}",
    }
    for why, way in ways.items():
        found = ledger.having(why)
        if found:
            people = [person for person, _ in found]
            say(f"{why}, and therefore no mark: {named(people)}. {way}")
            code = EXIT_GRADER_ERROR if why is Why.FAULT else 1
    return code
