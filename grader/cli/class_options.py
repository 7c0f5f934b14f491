"""The options that commands about a class share, and the rules and the ledger that these options name."""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli import completion
from grader.cli.common import PATH
from grader.cli.guard import OUTPUT
from grader.course import Course, UsageError
from grader.section import Section
from grader.toolkit.text import harmless
from grader.toolkit.typed_paths import DEFAULT_OUT

if TYPE_CHECKING:
    from grader.batch.gradebook.book import Gradebook
    from grader.batch.ledger import Ledger
    from grader.batch.policy import Policy

OUT = click.option(
    "--out", type=PATH, metavar="DIR", default=DEFAULT_OUT, show_default=True, help="The folder of the gradebook."
)
POLICY = click.option(
    "--policy", type=PATH, metavar="FILE", help="Rules for lateness and attempts. Default: DIR/policy.toml."
)
SECTIONS = click.option(
    "--section",
    "words",
    multiple=True,
    metavar="SECTION",
    shell_complete=completion.sections,
    help="Only this section.",
)
HTML = click.option(
    "--html",
    type=OUTPUT,
    metavar="DIR",
    help="Write the pages of the class there, too: DIR/index.html. For instructors.",
)


def rules_of(course: Course, policy_file: Path | None, out: Path) -> "Policy":
    """The policy in the named file, or beside the gradebook, or the default policy."""
    from grader.batch.policy import FILENAME, Policy, read_policy

    path = policy_file or out / FILENAME
    if policy_file is None and not path.is_file():
        return Policy()
    return read_policy(path, [section.id for section in course.sections])


@contextmanager
def opened(
    course: Course, words: Sequence[str], out: Path, policy: Path | None, audited: bool = False
) -> "Iterator[Ledger]":
    """The ledger of a gradebook, for the named sections or for all sections with hand-ins.

    With `audited`, the gradebook records the adjustments first: the marks leave the gradebook.
    """
    from grader.batch.gradebook.book import FILENAME, Gradebook
    from grader.batch.input_tables import comments_in
    from grader.batch.ledger import Ledger
    from grader.batch.marks import comments_for_unknown_ids, rules_for_unknown_ids, rules_without_effect

    named = [course.find(word) for word in words]
    with Gradebook(out / FILENAME, must_exist=True) as book:
        rules, sections = rules_of(course, policy, out), named or handed_in(course, book)
        if audited:
            book.record_adjustments(rules.adjustments, author())
        comments = comments_in(out, course)
        for idle in (
            *rules_for_unknown_ids(book, rules),
            *rules_without_effect(book, rules, [one.id for one in sections]),
            *comments_for_unknown_ids(book, comments),
        ):
            say(idle)
        yield Ledger.of(book, rules, sections, comments)


def author() -> str:
    """The author of adjustments whose policy names no author."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a user of this number
        return "unknown"


def handed_in(course: Course, book: "Gradebook") -> list[Section]:
    """The sections with hand-ins, in the order of the course. Raises UsageError if there are none."""
    from grader.batch.class_command import again
    from grader.batch.gradebook.queries import unreadable
    from grader.toolkit.typed_paths import out_option

    ids = book.sections()
    found = [section for section in course.sections if section.id in ids]
    if not found and unreadable(book):
        raise UsageError(
            f"Nothing that was handed in could be read; to see why: grade troubles{out_option(book.path.parent)}. "
            "With what you give by hand, name the section: --section SECTION"
        )
    if not found:
        raise UsageError(f"Nothing has been handed in for any section of this course: {again(book)}")
    return found


def say(text: str) -> None:
    click.echo(harmless(text), err=True)  # standard output may hold the export
