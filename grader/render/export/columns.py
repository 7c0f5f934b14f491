"""The tables of other systems: which of their columns is which of ours, and which of their rows is whose."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.batch.ids import column_name
from grader.batch.ledger import Entry, Ledger, Person
from grader.course import Section, UsageError
from grader.submission.names import section_in
from grader.toolkit.text import one_line

_LISTED = 8


@dataclass(frozen=True)
class Filled:
    """A table of a system's own with the marks filled in.

    `strangers` have a mark and no row; of the `kept` the table says that they get no mark, or keep what they have.
    """

    data: bytes
    strangers: Sequence[Person]
    kept: Sequence[Person] = ()


def id_of(person: Person, names: Iterable[str]) -> str:
    """What a roster says in the first of some columns that it has; "" if it has none of them."""
    own = {column_name(column): value for column, value in person.ids.items()}
    return next((own[name] for name in names if name in own), "")


def place_of(section: Section, header: Sequence[str], places: Iterable[int], titles: Mapping[str, str]) -> int:
    """The column that holds a section: of the title that was named, else of one that speaks of the section.

    Raises UsageError unless there is exactly one.
    """
    wanted = titles.get(section.id)
    if wanted is not None:
        found = [place for place in places if wanted in (header[place], _without_id(header[place]))]
    else:
        found = [place for place in places if section_in(_joined(_without_id(header[place])), [section])]
    if len(found) != 1:
        listing = ", ".join(f'"{one_line(header[place])}"' for place in (found or list(places))[:_LISTED]) or "none"
        told = "no column is" if not found else "several columns could be"
        raise UsageError(
            f"{told} {section.id}'s: {listing}. Name the assignment: --column {section.id}=TITLE, or other sections: --section"
        )
    return found[0]


def _without_id(title: str) -> str:
    """An assignment's title without the id that Canvas puts behind it."""
    return re.sub(r"\s*\(\d+\)\s*$", "", title)


def _joined(title: str) -> str:
    """A title with the number of its section as an id has it: without anything between word and number."""
    return re.sub(r"\bsection[\s_-]+(?=\d)", "section", title, flags=re.I)


def without_row(ledger: Ledger, met: Iterable[Person | None]) -> list[Person]:
    """Who has a mark, and no row in a table that these people have one in."""
    known = {person.id for person in met if person is not None}
    strangers = [one for one in ledger.people if one.id not in known]
    return [one for one in strangers if any(_is_marked(ledger.entry(one, section)) for section in ledger.sections)]


def _is_marked(entry: Entry) -> bool:
    return entry.why is None or entry.grading is not None
