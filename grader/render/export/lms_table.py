"""Tables of a learning platform, such as Canvas or Moodle: find the columns of our sections, and fill in the marks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from grader.batch.class_command import again
from grader.batch.csv_reader import column_name, read_table
from grader.batch.ledger import Entry, Ledger, Person, Why
from grader.batch.platform_maximum import columns_of, number_in, without_id
from grader.course import UsageError
from grader.find_course import find_course
from grader.render.export.exporter import Export
from grader.section import Section
from grader.toolkit.text import first_of, one_line
from grader.toolkit.typed_paths import as_argument

_LISTED = 8  # columns


def _titles(context: click.Context, parameter: click.Parameter, words: Sequence[str]) -> dict[str, str]:
    titles = {}
    for word in words:
        section, equals, title = word.partition("=")
        if not equals or not title:
            raise UsageError(f'--column {one_line(word)}: expected SECTION=TITLE, such as section1="Week 1"')
        titles[find_course().find(section).id] = title
    return titles


LIKE = click.Option(["--like"], type=Path, metavar="FILE", help="Fill in this table, which your system exported.")
COLUMN = click.Option(
    ["--column", "titles"],
    multiple=True,
    callback=_titles,
    metavar="SECTION=TITLE",
    help="The title of a section in your system.",
)


@dataclass
class Filled:
    """A table of a learning platform, with the marks filled in.

    `strangers` have a mark but no row. `kept` have a row that is excused or locked; `commented` have a comment that a teacher
    wrote there. `unknown` are the rows of people who are not in the gradebook. `marked` have a mark in their row, though nothing
    that they handed in has one: it may come from a teacher, and stays. `extended` have more time on the platform, and none here.
    """

    data: bytes = b""
    strangers: list[Person] = field(default_factory=list)
    kept: list[Person] = field(default_factory=list)
    commented: list[Person] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    marked: list[Person] = field(default_factory=list)
    extended: list[Person] = field(default_factory=list)


def stays(entry: Entry, cell: str) -> bool:
    """Whether a cell holds a mark other than ours, and the student has no graded file."""
    if entry.why not in (Why.MISSING, Why.UNREADABLE) or cell.strip() in ("", "-"):
        return False
    return entry.points is None or number_in(cell) != entry.points


def id_of(person: Person, names: Iterable[str]) -> str:
    """The roster's value in the first of these columns that it has; "" if it has none of them."""
    own = {column_name(column): value for column, value in person.ids.items()}
    return next((own[name] for name in names if name in own), "")


def place_of(section: Section, header: Sequence[str], places: Iterable[int], titles: Mapping[str, str]) -> int:
    """The column of a section: the one with the named title, else the one whose title names the section.

    Raises UsageError unless exactly one column matches.
    """
    wanted = titles.get(section.id)
    if wanted is not None:
        found = [place for place in places if wanted in (header[place], without_id(header[place]))]
    else:
        found = columns_of(section, header, places)
    if len(found) != 1:
        listing = ", ".join(f'"{one_line(header[place])}"' for place in (found or list(places))[:_LISTED]) or "none"
        told = "no column matches" if not found else "several columns match"
        raise UsageError(
            f"{told} {section.id}: {listing}. Name its column: --column {section.id}=TITLE. Or leave it out: --section OTHER"
        )
    return found[0]


def without_row(ledger: Ledger, met: Iterable[Person | None]) -> list[Person]:
    """The people with a mark who are not among the people with a row."""
    known = {person.id for person in met if person is not None}
    strangers = [one for one in ledger.people if one.id not in known]
    return [one for one in strangers if any(_is_marked(ledger.entry(one, section)) for section in ledger.sections)]


def _is_marked(entry: Entry) -> bool:
    return entry.why is None or entry.grading is not None


def filled_in(ledger: Ledger, like: Path, expected: str, fill: Callable[[Sequence[Sequence[str]]], Filled]) -> Export:
    """The table in a file, with the marks filled in. `expected` describes the right table, for errors."""
    shown = one_line(str(like))
    rows = read_table(like, expected)
    try:
        found = fill(rows)
    except UsageError as error:
        raise UsageError(f"{shown}: {error}") from None
    notes = [f"no row in {shown} for {named(found.strangers)}"] if found.strangers else []
    if found.kept:
        notes.append(f"unchanged in {shown}, since excused or locked: {named(found.kept)}")
    if found.marked:
        notes.append(
            f"nothing handed in, or nothing that can be read, but a mark that stays in {shown}: {named(found.marked)}"
        )
    if found.extended:
        notes.append(
            f"more time in {shown}, which does not count here, for {named(found.extended)}. To give it: [[extensions]] in "
            "policy.toml"
        )
    if found.commented:
        notes.append(f"the teacher's comment stays in {shown}, and no feedback is written: {named(found.commented)}")
    if found.unknown:
        notes.append(
            f"not in the gradebook, and unchanged in {shown}: {first_of(found.unknown)}. "
            f"To add them: {again(ledger.book, [one.id for one in ledger.sections], like=as_argument(like))}"
        )
    return Export(found.data, notes)


def named(people: Sequence[Person]) -> str:
    """The ids of these people, or of the first of them."""
    return first_of(one_line(person.id) for person in people)
