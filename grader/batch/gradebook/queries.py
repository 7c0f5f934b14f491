"""Queries of the gradebook, with plain values as results."""

import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import msgspec

from grader.batch.gradebook.book import Gradebook, Grading, grading_of
from grader.batch.roster import Student


@dataclass(frozen=True)
class AttemptRecord:
    """An attempt with its grade; before the grade, `grading` is None, the points are 0 and `status` is empty."""

    student: str
    name: str
    section: str
    content: str
    submitted: str | None
    late: int
    sequence: int
    grading: int | None
    points: float
    max_points: float
    status: str


def attempts(book: Gradebook) -> Iterator[AttemptRecord]:
    """All attempts by student and section: ordered by time, then by the system's numbers, then as they came."""
    query = (
        "SELECT s.student, p.name, s.section, s.content, s.submitted, s.late, s.sequence, g.id, "
        "coalesce(g.points, 0.0), coalesce(g.max_points, 0.0), coalesce(g.status, '') "
        "FROM submissions AS s JOIN students AS p ON p.id = s.student LEFT JOIN grades AS g ON g.content = s.content "
        "ORDER BY s.student, s.section, s.submitted IS NULL, s.submitted, s.sequence, s.id"
    )
    yield from (AttemptRecord(*row) for row in book.db.execute(query))


# -- students


def people(book: Gradebook) -> Iterator[tuple[str, str, str | None]]:
    """The id and name of each student of the class, with the other ids of the roster as JSON, by id."""
    query = (  # older gradebooks have some students in the table of troubles alone
        "SELECT id, name, ids FROM students UNION ALL SELECT DISTINCT student, '', NULL FROM troubles "
        "WHERE student <> '' AND student NOT IN (SELECT id FROM students) ORDER BY 1"
    )
    yield from (tuple(row) for row in book.db.execute(query))


def enrolled(book: Gradebook) -> list[Student]:
    """The students of rosters and tables, with their other ids."""
    rows = book.db.execute("SELECT id, name, ids FROM students WHERE ids IS NOT NULL ORDER BY id")
    return [Student(id, name, msgspec.json.decode(ids, type=dict[str, str])) for id, name, ids in rows]


def knows_more_ids(book: Gradebook) -> bool:
    """Whether a roster or a table of a platform has told other ids of the students, or their teams."""
    return book.db.execute("SELECT 1 FROM students WHERE ids <> '{}' LIMIT 1").fetchone() is not None


def submitters(book: Gradebook) -> set[str]:
    """The ids of the students who have an attempt."""
    return {row["student"] for row in book.db.execute("SELECT DISTINCT student FROM submissions")}


@dataclass(frozen=True)
class OpenTrouble:
    """A trouble of the last intake of its folder."""

    folder: str
    kind: str
    place: str
    reason: str
    student: str
    section: str


def troubles(book: Gradebook, sections: Collection[str] = ()) -> list[OpenTrouble]:
    """The files that could not be read, or whose student is not known, in all sections or in these."""
    rows = book.db.execute("SELECT folder, kind, place, reason, student, section FROM troubles ORDER BY rowid")
    found = (OpenTrouble(*row) for row in rows)
    return [one for one in found if not sections or not one.section or one.section in sections]


@dataclass(frozen=True)
class Unreadable:
    """A file or folder that cannot be read: its name, and the reason."""

    name: str
    reason: str


def unreadable(book: Gradebook) -> dict[tuple[str, str], Unreadable]:
    """The files that cannot be read, by student and section; the section "" stands for all."""
    rows = book.db.execute(
        "SELECT student, section, place, reason FROM troubles WHERE kind = 'unreadable' ORDER BY rowid DESC"
    )
    return {(student, section): Unreadable(PurePath(place).name, reason) for student, section, place, reason in rows}


def clocks(book: Gradebook, section: str) -> dict[str, int]:
    """The number of attempts at a section by the clock of their time; "" stands for no clock."""
    query = (
        "SELECT CASE WHEN submitted IS NULL THEN '' WHEN clock = '' THEN 'platform' ELSE clock END, count(*) "
        "FROM submissions WHERE section = ? GROUP BY 1"
    )
    return {str(clock): int(count) for clock, count in book.db.execute(query, (section,))}


def without_time(book: Gradebook, section: str) -> list[tuple[str, bool]]:
    """The students who have an attempt at a section without a time, and whether their platform calls one late."""
    query = (
        "SELECT student, max(late) > 0 FROM submissions WHERE section = ? AND submitted IS NULL GROUP BY 1 ORDER BY 1"
    )
    return [(str(student), bool(late)) for student, late in book.db.execute(query, (section,))]


def late(book: Gradebook, section: str) -> int:
    """How many attempts at a section their platform calls late."""
    query = "SELECT count(*) FROM submissions WHERE section = ? AND late > 0"
    return int(book.db.execute(query, (section,)).fetchone()[0])


def attempted(book: Gradebook) -> set[tuple[str, str]]:
    """Pairs of a student and a section with an attempt; the section "" stands for any."""
    rows = book.db.execute("SELECT student, section FROM submissions UNION SELECT student, '' FROM submissions")
    return {(student, section) for student, section in rows}


# -- files


def places(book: Gradebook) -> Iterator[tuple[str, str, str]]:
    """The student, the place and the section of each attempt and each trouble; the section is "" if it is not clear."""
    query = (
        "SELECT student, place, section FROM (SELECT student, place, section, id FROM submissions UNION ALL "
        "SELECT student, place, section, rowid FROM troubles WHERE student <> '' AND place <> '') ORDER BY id"
    )
    yield from (tuple(row) for row in book.db.execute(query))


def graded_names(book: Gradebook) -> dict[int, dict[str, str]]:
    """The name of the file or folder of a grade, by grading and student; of equal files, the first name."""
    query = "SELECT g.id, s.student, s.place FROM submissions AS s JOIN grades AS g USING (content) ORDER BY s.id DESC"
    found: dict[int, dict[str, str]] = {}
    for number, student, place in book.db.execute(query):
        found.setdefault(number, {})[student] = PurePath(place).name
    return found


@dataclass(frozen=True)
class LastFile:
    """A student's last attempt at a section."""

    student: str
    name: str
    place: str
    submitted: str | None
    clock: str
    source: bytes


def last_files(book: Gradebook, section: str) -> Iterator[LastFile]:
    """The last attempt of each student at a section, by their ids."""
    query = (
        "SELECT s.student, p.name, s.place, s.submitted, s.clock, c.source FROM submissions AS s "
        "JOIN contents AS c USING (content) JOIN students AS p ON p.id = s.student WHERE s.id IN "
        "(SELECT max(id) FROM submissions WHERE section = ? GROUP BY student) ORDER BY s.student"
    )
    for student, name, place, submitted, clock, source in book.db.execute(query, (section,)):
        yield LastFile(student, name, place, submitted, clock, zlib.decompress(source))


def waiting_sources(book: Gradebook, most: int) -> Iterator[bytes]:
    """Some of the contents that wait for a grade."""
    query = "SELECT source FROM contents WHERE content IN (SELECT content FROM gradings WHERE report IS NULL) LIMIT ?"
    yield from (zlib.decompress(row["source"]) for row in book.db.execute(query, (most,)))


# -- grades


def selected_grades(
    book: Gradebook,
    sections: Sequence[str] = (),
    students: Sequence[str] = (),
    environments: Collection[tuple[str, str]] | None = None,
) -> Iterator[Grading]:
    """The current grades of these sections and students, made in one of these environments, each with its section."""
    conditions, values = ["TRUE"], list[object]()
    if sections:
        conditions.append(f"section IN ({_marks(sections)})")
        values += sections
    if students:
        conditions.append(f"content IN (SELECT content FROM submissions WHERE student IN ({_marks(students)}))")
        values += students
    if environments is not None:
        pairs = ", ".join("(?, ?)" for _ in environments)
        conditions.append(f"(section, environment) IN (VALUES {pairs})" if environments else "FALSE")
        values += [part for pair in environments for part in pair]
    query = f"SELECT * FROM grades WHERE {' AND '.join(conditions)} ORDER BY id"
    yield from (grading_of(row) for row in book.db.execute(query, values))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def count_grades(book: Gradebook, section: str, environment: str) -> int:
    """The number of current grades of a section in an environment, which is given as the gradebook's text."""
    query = "SELECT count(*) FROM grades WHERE (section, environment) = (?, ?)"
    return int(book.db.execute(query, (section, environment)).fetchone()[0])


def current_grade(book: Gradebook, content: str) -> int:
    """The grading that is the current grade of a content."""
    return int(book.db.execute("SELECT id FROM grades WHERE content = ?", (content,)).fetchone()["id"])


def students_with(book: Gradebook, content: str) -> tuple[str, ...]:
    """The students who handed in a content."""
    query = "SELECT DISTINCT student FROM submissions WHERE content = ? ORDER BY student"
    return tuple(row["student"] for row in book.db.execute(query, (content,)))


def later_failures(book: Gradebook) -> dict[str, int]:
    """The last grading of each content whose earlier grade stands, because the grader failed later; by content."""
    query = (
        "SELECT later.content, max(later.id) AS id FROM gradings AS later JOIN grades ON grades.content = later.content "
        "WHERE later.id > grades.id AND later.report IS NOT NULL GROUP BY later.content"
    )
    return {row["content"]: row["id"] for row in book.db.execute(query)}
