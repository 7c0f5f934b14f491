"""Verbs for whoever wants to know how a class is doing."""

from pathlib import Path

import click

from grader.cli.common import console, examples, expect_writable, write_file
from grader.cli.exports import opened
from grader.cli.group import cli
from grader.cli.instructors import OUT, POLICY, SECTIONS
from grader.course import find_course


@cli.command(epilog=examples("grade stats", "grade stats --section section4 --json stats.json"))
@OUT
@SECTIONS
@POLICY
@click.option("--json", "json_file", type=Path, metavar="FILE", help="Write the figures as JSON, too.")
def stats(out: Path, words: tuple[str, ...], policy: Path | None, json_file: Path | None) -> None:
    """Show how a class is doing: marks, pass rates, common mistakes, checks that may be wrong themselves."""
    import msgspec

    from grader.batch.stats import class_figures
    from grader.render.stats import render

    if json_file is not None:
        expect_writable(json_file)
    with opened(find_course(), words, out, policy) as ledger:
        figures = class_figures(ledger)
    if json_file is not None:
        write_file(json_file, msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    render(figures, console())
