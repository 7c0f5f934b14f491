"""From grades to marks: every student's attempts, under the rules of the class."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from sqlite3 import Row

from grader.batch.gradebook import Gradebook
from grader.batch.policy import FILENAME, Adjustment, Attempt, Extension, Mark, Policy, mark_of
from grader.toolkit.text import one_line

# Times first, then the numbers of a system, then as they came.
_ATTEMPTS = """
SELECT s.student, p.name, s.section, s.content, s.submitted, s.late, s.sequence, g.id AS grading, g.points, g.max_points, g.status
FROM submissions AS s JOIN students AS p ON p.id = s.student LEFT JOIN grades AS g ON g.content = s.content
ORDER BY s.student, s.section, s.submitted IS NULL, s.submitted, s.sequence, s.id
"""


@dataclass(frozen=True)
class Standing:
    """A student's mark for a section, and the grading that it comes from; None if that is still to be done.

    `waits` says that a file which may change the mark is not graded yet.
    """

    student: str
    name: str
    section: str
    mark: Mark
    max_points: float
    grading: int | None
    attempts: int
    waits: bool = False


def standings(book: Gradebook, policy: Policy) -> Iterator[Standing]:
    """Every student's mark for every section that something was handed in for."""
    rows = book.db.execute(_ATTEMPTS)
    for (student, section), group in groupby(rows, key=lambda row: (row["student"], row["section"])):
        tried = _without_copies(group)
        graded = [row for row in tried if row["grading"] is not None]
        attempts = [
            Attempt(row["points"], _moment(row["submitted"]), bool(row["late"]), row["status"] == "grader_error")
            for row in graded
        ]
        mark = mark_of(policy, student, section, attempts)
        waits = len(graded) < len(tried)
        if policy.attempts == "last":  # those before it do not count, graded or not
            waits = tried[-1]["grading"] is None
        known = mark.attempt is not None and not (waits and policy.attempts == "last")
        chosen = graded[mark.attempt] if mark.attempt is not None and known else None
        worth = chosen["max_points"] if chosen is not None else 0.0
        number = chosen["grading"] if chosen is not None else None
        yield Standing(student, tried[0]["name"], section, mark, worth, number, len(tried), waits)


def _without_copies(rows: Iterable[Row]) -> list[Row]:
    """A person's attempts in their order, without files that are only in another place than the one before."""
    found: list[Row] = []
    for row in rows:
        if (
            found
            and row["content"] == found[-1]["content"]
            and not (row["submitted"] or row["sequence"] or row["late"])
        ):
            continue
        found.append(row)
    return found


def audit_adjustments(book: Gradebook, policy: Policy, author: str) -> None:
    """Note in the gradebook which adjustments hold from now on, and which do no longer."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with book.transaction():
        rows = book.db.execute("SELECT * FROM adjustments WHERE until IS NULL").fetchall()
        held = {
            (row["student"], row["section"], row["points"], row["reason"], row["author"]): row["id"] for row in rows
        }
        first = {key[:-1]: key[-1] for key in held}  # who brought it: whoever exports it later does not bring it again
        wanted = set()
        for one in policy.adjustments:
            what = (one.student, one.section, one.points, one.reason)
            wanted.add((*what, one.author or first.get(what, author)))
        for key, number in held.items():
            if key not in wanted:
                book.db.execute("UPDATE adjustments SET until = ? WHERE id = ?", (now, number))
        columns = "student, section, points, reason, author, since"
        new = [(*key, now) for key in sorted(wanted - {*held})]
        book.db.executemany(f"INSERT INTO adjustments ({columns}) VALUES (?, ?, ?, ?, ?, ?)", new)


def rules_of_nobody(book: Gradebook, policy: Policy) -> list[str]:
    """What to say of those rules about one student that hold for nobody of the class."""
    query = "SELECT id FROM students UNION SELECT student FROM troubles WHERE kind = 'unreadable'"
    known = {row["id"] for row in book.db.execute(query)}
    found: list[tuple[str, Adjustment | Extension]] = [("adjusts", one) for one in policy.adjustments]
    found += [("gives more time to", one) for one in policy.extensions]
    return [
        f"{FILENAME} {does} {one_line(one.student)} in {one.section}: no such id is on a roster or has handed in "
        "(the column id counts, and no other)"
        for does, one in found
        if one.student not in known
    ]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
