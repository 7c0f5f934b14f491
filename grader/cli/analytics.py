"""Verbs for whoever wants to know how a class is doing."""

from pathlib import Path

import click

from grader.cli.common import console, expect_writable, write_file
from grader.cli.group import cli
from grader.cli.instructors import OUT, POLICY, SECTIONS
from grader.cli.ledgers import handed_in, opened
from grader.cli.verb import examples
from grader.course import find_course


@cli.command(epilog=examples("grade stats", "grade stats --section {section} --json stats.json"))
@OUT
@SECTIONS
@POLICY
@click.option("--json", "json_file", type=Path, metavar="FILE", help="Write the figures as JSON, too.")
def stats(out: Path, words: tuple[str, ...], policy: Path | None, json_file: Path | None) -> None:
    """Show how a class is doing: marks, pass rates, common mistakes, checks that may be wrong themselves."""
    import msgspec

    from grader.batch.stats import class_figures
    from grader.render.terminal.stats import render

    if json_file is not None:
        expect_writable(json_file)
    with opened(find_course(), words, out, policy) as ledger:
        figures = class_figures(ledger)
    if json_file is not None:
        write_file(json_file, msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    render(figures, console())


@cli.command(epilog=examples("grade similar --section {section}", "grade similar --most 50 --json pairs.json"))
@OUT
@SECTIONS
@click.option(
    "--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="Pairs per section."
)
@click.option("--json", "json_file", type=Path, metavar="FILE", help="Write the pairs as JSON, too.")
def similar(out: Path, words: tuple[str, ...], most: int, json_file: Path | None) -> None:
    """List pairs of submissions that are worth reading side by side. It is never a verdict.

    What the stub has, and what many have, does not count; nor do names, comments and blanks.
    """
    from grader.batch.gradebook import FILENAME, Gradebook
    from grader.batch.similar import likeness, to_json
    from grader.render.terminal.similar import render

    course = find_course()
    if json_file is not None:
        expect_writable(json_file)
    with Gradebook(out / FILENAME, must_exist=True) as book:
        sections = [course.find(word) for word in words] or handed_in(course, book)
        found = [likeness(book, section, most) for section in sections]
    if json_file is not None:
        write_file(json_file, to_json(found))
    render(found, console())
