"""The gradebook: one SQLite file that holds hand-ins and grades, and survives a crash of the machine.

WAL mode with `synchronous=FULL`: a grade that `finish` has returned from is on the disk, and survives a power cut as far as
the disk keeps its word. WAL wants all processes that use the file on one machine.
"""

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import msgspec

from grader.batch.course_key import FILENAME as KEY_FILENAME
from grader.batch.course_key import make_key, read_key
from grader.batch.environment import Environment
from grader.batch.gradebook.schema import edition_of, make_private, prepare
from grader.batch.intake import Trouble
from grader.batch.policy import Adjustment
from grader.batch.roster import Assigned, Assignments, Student
from grader.course import UsageError
from grader.grading.report import Report
from grader.grading.stored import read_report
from grader.toolkit.text import one_line
from grader.toolkit.typed_paths import GRADEBOOK, out_option

FILENAME = GRADEBOOK
FIRST = "handed in"  # the reason of a first grading
_PATIENCE_SECONDS = 120.0  # for another batch's transaction, which takes milliseconds


@dataclass(frozen=True)
class GradingKey:
    """A grading without its Report: there may be very many."""

    id: int
    content: str
    section: str


@dataclass(frozen=True)
class Grading:
    """A finished grading, with its environment."""

    id: int
    content: str
    section: str
    status: str
    points: float
    max_points: float
    report: Report
    environment: Environment


class Gradebook:
    """An open gradebook. Several processes may have one file open at the same time, each with an object of its own."""

    def __init__(self, path: Path, must_exist: bool = False, edition: int | None = None) -> None:
        """Open it, or begin one for an edition of the course.

        Raises:
            UsageError: it cannot be used, or belongs to another edition.
        """
        self.path = path
        self._shown = one_line(str(path))
        if must_exist and not path.is_file():
            raise UsageError(f"{self._shown}: there is no gradebook. Grade a class first: "
                             f"grade class SUBMISSIONS{out_option(path.parent)}")  # fmt: skip
        try:
            make_private(path)
            self.db = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, isolation_level=None)
            self.db.row_factory = sqlite3.Row
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA foreign_keys = ON")
            with self.transaction():
                prepare(self.db, edition)
        except (sqlite3.Error, OSError) as error:
            raise UsageError(
                f"{self._shown}: cannot be used as a gradebook: {error}. Name another folder: --out DIR"
            ) from None
        if edition is not None and edition != self.edition:
            its_edition = self.edition
            self.close()
            raise UsageError(
                f"{self._shown}: this gradebook belongs to edition {its_edition} of the course, and the course here is edition "
                f"{edition}. Their grades cannot be compared, so nothing was graded.\n"
                f"To grade with edition {edition}, begin another gradebook: --out DIR\n"
                f"To go on with this gradebook, use edition {its_edition} of the course, and the grader that came with it."
            )

    @property
    def edition(self) -> int:
        """The edition of the course that it belongs to: 1 if the file does not say."""
        return edition_of(self.db)

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[None]:
        """All of it or nothing. If it is not `durable`, the next durable transaction writes it to the disk."""
        self.db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        try:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise UsageError(
                f"{self._shown}: cannot be written: {error}. Every grade so far is kept. Fix this, then try again."
            ) from None

    def close(self) -> None:
        self.db.close()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    # -- hand-ins

    def enrol(self, students: Iterable[Student], keep_ids: bool = False) -> None:
        """Take a roster in: its students stand in the gradebook whether they have handed anything in or not.

        With `keep_ids`, ids from former rosters stay: the table of a platform has those for one assignment.
        """
        rows = [(one.id, one.name, msgspec.json.encode(dict(one.ids)).decode()) for one in students]
        ids = "json_patch(coalesce(ids, '{}'), excluded.ids)" if keep_ids else "excluded.ids"
        with self.transaction():
            self.db.executemany(
                "INSERT INTO students VALUES (?, ?, ?) "
                f"ON CONFLICT (id) DO UPDATE SET name = excluded.name, ids = {ids}",
                rows,
            )

    def note_troubles(self, folder: str, troubles: Collection[Trouble], sections: Iterable[str] | None = None) -> None:
        """Replace the troubles of a folder of submissions, or those of these sections in it."""
        with self.transaction():
            known = self.db.execute("SELECT DISTINCT section FROM troubles WHERE folder = ?", (folder,)).fetchall()
            looked_at = {row["section"] for row in known} if sections is None else {"", *sections}
            for section in looked_at:
                self.db.execute("DELETE FROM troubles WHERE folder = ? AND section = ?", (folder, section))
            rows = [(folder, t.kind, t.place, t.reason, t.student, t.section) for t in troubles]
            self.db.executemany("INSERT INTO troubles VALUES (?, ?, ?, ?, ?, ?)", rows)
            students = {t.student: t.name for t in troubles if t.student}
            self.db.executemany("INSERT OR IGNORE INTO students (id, name) VALUES (?, ?)", students.items())

    def folders(self) -> list[str]:
        """The folders of submissions that were taken in."""
        return [row[0] for row in self.db.execute("SELECT folder FROM runs UNION SELECT folder FROM troubles")]

    def assign(self, one: Assigned) -> None:
        """Record whose a file is; a later word counts, also about another file for the section in the same folder."""
        values = (str(one.path), one.student, one.section)
        with self.transaction():
            for row in self.db.execute("SELECT DISTINCT folder FROM troubles").fetchall():
                folder = Path(row["folder"])
                inner = one.path.relative_to(folder).parts if one.path.is_relative_to(folder) else ()
                if len(inner) > 1:
                    within = str(folder / inner[0]) + os.sep
                    self.db.execute(
                        "DELETE FROM assigned WHERE (student, section) = (?, ?) AND substr(place, 1, ?) = ?",
                        (one.student, one.section, len(within), within),
                    )
            self.db.execute("INSERT OR REPLACE INTO assigned VALUES (?, ?, ?)", values)

    def assignments(self) -> Assignments:
        """The students that the instructor gave files."""
        rows = self.db.execute("SELECT place, student, section FROM assigned").fetchall()
        return Assignments({place: Assigned(Path(place), student, section) for place, student, section in rows})

    def keep_run(self, folder: str, sections: str, options: str) -> None:
        """Keep how a folder was graded last, for these sections."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO runs (folder, sections, options) VALUES (?, ?, ?)",
                            (folder, sections, options))  # fmt: skip

    def runs(self) -> list[str]:
        """The options of these commands, the latest first."""
        return [row["options"] for row in self.db.execute("SELECT options FROM runs ORDER BY id DESC")]

    def record_adjustments(self, adjustments: Iterable[Adjustment], author: str) -> None:
        """Record in the audit trail which adjustments hold from now on; an adjustment without an author is by `author`."""
        with self.transaction():
            rows = self.db.execute("SELECT * FROM adjustments WHERE until IS NULL").fetchall()
            held = {
                (row["student"], row["section"], row["points"], row["reason"], row["author"]): row["id"] for row in rows
            }
            first_author = {key[:-1]: key[-1] for key in held}  # a later export by another person does not change it
            wanted = set()
            for one in adjustments:
                given = (one.student, one.section, one.points, one.reason)
                wanted.add((*given, one.author or first_author.get(given, author)))
            for key in held.keys() - wanted:
                self.db.execute("UPDATE adjustments SET until = ? WHERE id = ?", (now(), held[key]))
            columns = "student, section, points, reason, author, since"
            new = [(*key, now()) for key in sorted(wanted - held.keys())]
            self.db.executemany(f"INSERT INTO adjustments ({columns}) VALUES (?, ?, ?, ?, ?, ?)", new)

    # -- gradings

    def queue(self, content: str, section: str, weight: float, reason: str) -> bool:
        """Queue a grading of a content, inside a transaction. Returns False if one is queued already."""
        done = self.db.execute(
            "INSERT OR IGNORE INTO gradings (content, section, weight, reason) VALUES (?, ?, ?, ?)",
            (content, section, weight, reason),
        )
        return done.rowcount == 1

    def queue_again(self, gradings: Iterable["Grading | GradingKey"], weights: dict[str, float], reason: str) -> int:
        """Have contents graded once more; those that wait to be graded already are left as they are. Returns how many."""
        with self.transaction():
            return sum(self.queue(one.content, one.section, weights.get(one.section, 1.0), reason) for one in gradings)

    def graded(self) -> Iterator[Grading]:
        """The current grades."""
        yield from map(grading_of, self.db.execute("SELECT * FROM grades ORDER BY id"))

    def sections(self) -> list[str]:
        """The sections that something was handed in for."""
        return [row["section"] for row in self.db.execute("SELECT DISTINCT section FROM submissions ORDER BY section")]

    def environments(self) -> dict[str, Environment]:
        """The environments of all current grades, by the text that the column of this name has."""
        rows = self.db.execute("SELECT DISTINCT environment FROM grades")
        return {row["environment"]: msgspec.json.decode(row["environment"], type=Environment) for row in rows}

    def seconds(self, numbers: Iterable[int]) -> list[float]:
        """How long some gradings have taken."""
        query = "SELECT seconds FROM gradings WHERE id = ?"
        return [self.db.execute(query, (number,)).fetchone()["seconds"] for number in numbers]

    def grading(self, number: int) -> Grading:
        """A grading that was done, current or not."""
        return grading_of(self.db.execute("SELECT * FROM gradings WHERE id = ?", (number,)).fetchone())

    def source(self, number: int) -> bytes:
        """The file that a grading is of."""
        query = "SELECT source FROM contents JOIN gradings USING (content) WHERE gradings.id = ?"
        return zlib.decompress(self.db.execute(query, (number,)).fetchone()["source"])

    def key(self) -> bytes:
        """A random secret of this gradebook: no other program can compute names that are made with it."""
        with self.transaction():
            self.db.execute("CREATE TABLE IF NOT EXISTS secret (key BLOB NOT NULL)")  # gradebooks of before have none
            self.db.execute("INSERT INTO secret SELECT ? WHERE NOT EXISTS (SELECT 1 FROM secret)", (os.urandom(32),))
        return bytes(self.db.execute("SELECT key FROM secret").fetchone()["key"])

    def course_key(self) -> bytes:
        """The course's key, from its file beside the gradebook, which is made when the first grade is to be given.

        Raises:
            UsageError: the grades so far were given with another key, or its file is missing or cannot be read.
        """
        path = self.path.with_name(KEY_FILENAME)
        with self.transaction():
            self.db.execute("CREATE TABLE IF NOT EXISTS course_key (digest TEXT NOT NULL)")
            row = self.db.execute("SELECT digest FROM course_key").fetchone()
            key = make_key(path) if row is None else read_key(path)
            digest = hashlib.sha256(b"course key:" + key).hexdigest() if key else ""
            if row is None:
                self.db.execute("INSERT INTO course_key VALUES (?)", (digest,))
            elif row["digest"] != digest:
                raise UsageError(
                    f"{one_line(str(path))}: {'not the key' if key else 'missing: the key'} with which this gradebook started. "
                    "Restore it: with another key, the same code may get another grade."
                )
        assert key
        return key


def grading_of(row: sqlite3.Row) -> Grading:
    """A finished grading from a row of the table of gradings or the view of grades."""
    report = read_report(row["report"])
    environment = msgspec.json.decode(row["environment"], type=Environment)
    return Grading(
        row["id"], row["content"], row["section"], row["status"], row["points"], row["max_points"], report, environment
    )


def now() -> str:
    """This moment as the gradebook writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
