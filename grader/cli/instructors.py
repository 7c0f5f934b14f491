"""The commands for a class: `class`, `regrade`, `stats`, `similar`."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.class_options import HTML, OUT, POLICY, SECTIONS, author, handed_in, opened, rules_of
from grader.cli.command import examples
from grader.cli.common import EXIT_GRADER_ERROR, PATH, console, exit_with, usable_cores
from grader.cli.export import write_export
from grader.cli.group import cli
from grader.cli.guard import OUTPUT
from grader.cli.writing import expect_folder, expect_writable, write_file
from grader.course import Course, UsageError
from grader.find_course import find_course
from grader.section import Section
from grader.toolkit.text import one_line

if TYPE_CHECKING:
    from grader.batch.class_grading import PoolOptions
    from grader.batch.gradebook.book import Gradebook
    from grader.batch.intake import Trouble
    from grader.batch.policy import Policy
    from grader.grading.report import Status

_POOL_OPTIONS = (
    click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes that grade. Default: one per core."),
    click.option("--scheduler", metavar="ADDRESS", help="Grade on the Dask cluster of this scheduler: tcp://HOST:8786"),
    click.option("--unsafe", is_flag=True, help="Grade even where submissions cannot be confined."),
    POLICY,
    HTML,
)


def _with_pool_options(function: click.decorators.FC) -> click.decorators.FC:
    """Add the options of the pool, the policy and the pages."""
    for option in reversed(_POOL_OPTIONS):
        function = option(function)
    return function


@cli.command(
    "class", epilog=examples("grade class submissions --section {section}", "grade class submissions --out week4")
)
@click.argument("submissions", type=PATH)
@SECTIONS
@OUT
@click.option(
    "--roster", type=PATH, metavar="FILE", help="Who is in the class. Default: roster.csv in SUBMISSIONS or DIR."
)
@click.option(
    "--like",
    type=PATH,
    metavar="FILE",
    help="Who is in the class: the table that your platform exports. A roster is not needed, but may add teams.",
)
@click.option("--times", type=PATH, metavar="FILE", help="When hand-ins came: a table with the columns id and time.")
@_with_pool_options
def grade_class(
    submissions: Path,
    words: tuple[str, ...],
    out: Path,
    roster: Path | None,
    like: Path | None,
    times: Path | None,
    workers: int | None,
    scheduler: str | None,
    unsafe: bool,
    policy: Path | None,
    html: Path | None,
) -> None:
    """Grade a class: SUBMISSIONS is a folder with a folder or file per student, as your system exports it.

    The command grades nothing twice. After an interrupt, the same command goes on.
    """
    from grader.batch.warm_executor import started_early

    course = find_course()
    expect_folder(html)  # before the hours that a class takes
    sections = [course.find(word) for word in words] or list(course.sections)
    is_fresh = scheduler is None and not any(out.glob("*.sqlite"))  # else all may be graded already
    with started_early(course.uses_torch) if is_fresh else nullcontext():  # before our own imports
        from grader.batch.class_command import ClassRun, expect_same_people, remember
        from grader.batch.class_grading import PoolOptions, take_in
        from grader.batch.gradebook.book import FILENAME, Gradebook
        from grader.batch.input_tables import InputTables, comments_in
        from grader.batch.intake import Intake
        from grader.batch.marks import comments_for_unknown_ids
        from grader.service import reading_definitions

        asked = [section.id for section in sections] if words else None
        tables = InputTables.read(course, sections, asked, roster, like, times, (submissions, out))
        rules, comments = rules_of(course, policy, out), comments_in(out, course)
        used = [path for path in (roster, like, times, policy) if path]
        place = ClassRun.place_of
        files = {"roster": place(roster), "like": place(like), "times": place(times), "policy": place(policy)}
        run = ClassRun(place(submissions), tuple(asked or ()), **files, scheduler=scheduler or "", unsafe=unsafe)
        with Gradebook(out / FILENAME, edition=course.settings.edition) as book:
            tables = tables.joined(book)
            expect_same_people(book, tables.roster is not None, run)
            with reading_definitions(course) as defined:
                rest = (course.sections, defined, tables.times, book.assignments(), tables.platform.told, used)
                intake = Intake(submissions, sections, tables.roster, bool(words), *rest)
                troubles = take_in(intake, book)
            remember(book, run)
            _grade(course, sections, book, PoolOptions(workers or usable_cores(), scheduler, unsafe))
            unfit = [*tables.unfit(book, intake, rules), *_not_read(submissions, out, policy)]
            unfit += comments_for_unknown_ids(book, comments)
            code = _conclude(book, rules, troubles, sections, unfit)
            _write_pages(html, book, rules, sections, comments)
    exit_with(code)


@cli.command(epilog=examples("grade regrade --status grader_error", "grade regrade --student ada --section {section}"))
@SECTIONS
@OUT
@click.option("--student", "students", multiple=True, metavar="ID", help="Only hand-ins of this student.")
@click.option("--check", metavar="CHECK", help="Only where this check was run; with --status: where it ended so.")
@click.option("--status", "statuses", multiple=True, help="Only where a check ended so: failed, grader_error, …")
@click.option("--grader", metavar="VERSION", help="Only grades by this version of the grader.")
@click.option(
    "--outdated", is_flag=True, help="Only gradings by other checks, another grader or other libraries than today's."
)
@click.option("--all", "everything", is_flag=True, help="Everything.")
@_with_pool_options
def regrade(
    words: tuple[str, ...],
    out: Path,
    students: tuple[str, ...],
    check: str | None,
    statuses: tuple[str, ...],
    grader: str | None,
    outdated: bool,
    everything: bool,
    workers: int | None,
    scheduler: str | None,
    unsafe: bool,
    policy: Path | None,
    html: Path | None,
) -> None:
    """Grade again, and show which grades changed and why. Old gradings are kept."""
    from grader.batch.class_grading import PoolOptions
    from grader.batch.environment import environments
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.input_tables import comments_in
    from grader.batch.regrade import Choice, changes, choose, count_failed, expect_students, why_nothing
    from grader.render.terminal.classroom import render_changes
    from grader.toolkit.typed_paths import as_argument

    course = find_course()
    expect_folder(html)  # before the hours that a class takes
    sections = [course.find(word) for word in words] or list(course.sections)
    chosen = tuple(section.id for section in sections) if words else ()
    choice = Choice(students, chosen, check, _statuses(statuses), grader, outdated)
    if choice.everything and not everything:
        raise UsageError(
            "Choose the grades to compute again: --student, --section, --check, --status, --grader, --outdated, or --all"
        )
    with Gradebook(out / FILENAME, must_exist=True, edition=course.settings.edition) as book:
        rules, comments = rules_of(course, policy, out), comments_in(out, course)
        expect_students(book, choice, as_argument(out))
        before = list(choose(book, choice, environments(course, [section.id for section in sections])))
        if not before:
            raise UsageError(why_nothing(book, choice, as_argument(out)))
        book.queue_again(before, {section.id: section.work() for section in sections}, "graded again")
        _grade(course, sections, book, PoolOptions(workers or usable_cores(), scheduler, unsafe))
        failed = count_failed(book, before)
        render_changes(list(changes(book, before)), len(before), failed, out, console())
        code = _conclude(book, rules, [], sections)
        # All sections, also those that were not graded again.
        _write_pages(html, book, rules, course.sections, comments)
    exit_with(EXIT_GRADER_ERROR if failed else code)


def _not_read(submissions: Path, out: Path, policy: Path | None) -> list[str]:
    """Messages about rules and comments that lie among the submissions, where nothing reads them."""
    from grader.batch.input_tables import COMMENTS
    from grader.batch.policy import FILENAME as RULES

    named = [out / RULES, out / COMMENTS, *([policy] if policy else [])]
    lost = [path for path in (submissions / RULES, submissions / COMMENTS) if path.is_file()]
    lost = [path for path in lost if not any(one.exists() and one.samefile(path) for one in named)]
    advice = f"has no effect, since it does not lie beside the gradebook: move it to {one_line(str(out))}"
    return [f"{one_line(str(path))} {advice}" for path in lost]


def _grade(course: Course, sections: Sequence[Section], book: "Gradebook", options: "PoolOptions") -> None:
    """Grade the open gradings, and show the progress."""
    from grader.batch.class_grading import grade_class as carry_out
    from grader.render.terminal.classroom import render_refused, show_grading

    with show_grading("grading") as progress:
        carry_out(course, sections, book, options, progress, lambda refused: render_refused(refused, console()))


def _write_pages(
    html: Path | None,
    book: "Gradebook",
    rules: "Policy",
    sections: Sequence[Section],
    comments: Mapping[tuple[str, str], str],
) -> None:
    """Write the pages, if requested, about the sections with hand-ins."""
    from grader.batch.ledger import Ledger
    from grader.render.export.pages import EXPORTER

    if html is not None:
        found = book.sections()
        ledger = Ledger.of(book, rules, [section for section in sections if section.id in found], comments)
        write_export(EXPORTER.write(ledger), html)


def _conclude(
    book: "Gradebook",
    rules: "Policy",
    troubles: "list[Trouble]",
    sections: Sequence[Section],
    unfit: Sequence[str] = (),
) -> int:
    """Print marks and messages, and the `unfit`. Returns the exit code: 0, 1 to check something, or 3 for grader errors."""
    from grader.batch.environment import Environment
    from grader.batch.marks import rules_for_unknown_ids, rules_without_effect, student_marks
    from grader.batch.regrade import count_outdated
    from grader.render.terminal.classroom import render_class

    book.record_adjustments(rules.adjustments, author())
    found, today = list(student_marks(book, rules)), {section.id: Environment.of(section) for section in sections}
    idle = [*unfit, *rules_for_unknown_ids(book, rules), *rules_without_effect(book, rules, today)]
    render_class(found, troubles, count_outdated(book, today), idle, book.path, console())
    if any(one.mark.grader_error for one in found):
        return EXIT_GRADER_ERROR
    return 1 if troubles or idle else 0


def _statuses(words: tuple[str, ...]) -> "tuple[Status, ...]":
    from grader.grading.report import Status

    try:
        return tuple(Status(word) for word in words)
    except ValueError:
        raise UsageError(f"--status takes one of: {', '.join(status.value for status in Status)}") from None


@cli.command(epilog=examples("grade stats", "grade stats --section {section} --json stats.json"))
@OUT
@SECTIONS
@POLICY
@click.option("--json", "json_file", type=OUTPUT, metavar="FILE", help="Write the figures as JSON, too.")
def stats(out: Path, words: tuple[str, ...], policy: Path | None, json_file: Path | None) -> None:
    """Show how a class is doing: marks, pass rates, common mistakes, checks that may be wrong themselves."""
    import msgspec

    from grader.batch.class_statistics import statistics_of
    from grader.render.terminal.stats import render_stats

    if json_file is not None:
        expect_writable(json_file)
    with opened(find_course(), words, out, policy) as ledger:
        figures = statistics_of(ledger)
    if json_file is not None:
        write_file(json_file, msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    render_stats(figures, console())


@cli.command(epilog=examples("grade similar --section {section}", "grade similar --most 50 --html pairs.html"))
@OUT
@SECTIONS
@click.option(
    "--most", type=click.IntRange(1, 1000), default=20, show_default=True, metavar="N", help="Pairs per section."
)
@click.option(
    "--html", type=OUTPUT, metavar="FILE", help="Write a page with the pairs side by side, too. For instructors."
)
@click.option("--json", "json_file", type=OUTPUT, metavar="FILE", help="Write the pairs as JSON, too.")
def similar(out: Path, words: tuple[str, ...], most: int, html: Path | None, json_file: Path | None) -> None:
    """List pairs of submissions that are worth reading side by side. It is never a verdict.

    What the stub has, and what many have, does not count; nor do names, comments and blanks.
    """
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.similarity import similarity_of, to_json
    from grader.render.terminal.similar import render_similar

    course = find_course()
    for file in filter(None, (html, json_file)):
        expect_writable(file)
    with Gradebook(out / FILENAME, must_exist=True) as book:
        sections = [course.find(word) for word in words] or handed_in(course, book)
        found = [similarity_of(book, section, most) for section in sections]
    if html is not None:
        from grader.render.web.pairs_page import pairs_page

        write_file(html, pairs_page(found), private=True)
    if json_file is not None:
        write_file(json_file, to_json(found))
    render_similar(found, console())
