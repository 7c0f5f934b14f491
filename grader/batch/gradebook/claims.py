"""Share the open gradings of a gradebook between batches that run at the same time.

Each batch holds a lock on a file of its own. The kernel releases it when the process ends, however it ends.
"""

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import msgspec

from grader.batch.environment import Environment
from grader.batch.gradebook.book import Gradebook, now
from grader.grading.report import Report

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # no such locks on this system: run one batch at a time
    fcntl = None

_PREFIX = ".batch-"


@dataclass(frozen=True)
class Claim:
    """A grading that this batch has claimed."""

    id: int
    section: str
    filename: str
    source: bytes


class Batch:
    """One run over a gradebook: claims gradings, one at a time, and records them. Open it in the process that claims."""

    def __init__(self, book: Gradebook, sections: Sequence[str]) -> None:
        self.book = book
        self._sections = tuple(sections)
        self._listed = ", ".join("?" * len(sections))
        with book.transaction():
            row = book.db.execute("INSERT INTO batches (started, process) VALUES (?, ?)", (now(), os.getpid()))
            self.id = int(row.lastrowid or 0)
        _remove_dead_locks(book.path.parent)
        self._lock = _Lock(book.path.parent, self.id)

    def _open(self, columns: str) -> str:
        return f"SELECT {columns} FROM gradings WHERE report IS NULL AND section IN ({self._listed})"

    def claim(self) -> Claim | None:
        """Claim the next grading that no other living batch has claimed; None if all are claimed."""
        run = self.book.db.execute
        with self.book.transaction(durable=False):  # losing a claim in a power cut does no harm
            abandoned = [number for number in self._other_batches() if not _is_alive(self.book.path.parent, number)]
            for number in abandoned:
                run("UPDATE gradings SET batch = NULL WHERE batch = ? AND report IS NULL", (number,))
            query = self._open("id, content") + " AND batch IS NULL ORDER BY weight DESC, id LIMIT 1"
            row = run(query, self._sections).fetchone()
            if row is None:
                return None
            run("UPDATE gradings SET batch = ? WHERE id = ?", (self.id, row["id"]))
        found = run("SELECT section, filename, source FROM contents WHERE content = ?", (row["content"],)).fetchone()
        return Claim(row["id"], found["section"], found["filename"], zlib.decompress(found["source"]))

    def _other_batches(self) -> list[int]:
        query = "SELECT DISTINCT batch FROM gradings WHERE report IS NULL AND batch IS NOT NULL AND batch <> ?"
        return [row["batch"] for row in self.book.db.execute(query, (self.id,))]

    @property
    def waiting(self) -> int:
        """How many gradings are not done, in this batch or another."""
        return int(self.book.db.execute(self._open("count(*)"), self._sections).fetchone()[0])

    def finish(self, claim: Claim, report: Report, environment: Environment, seconds: float, tries: int) -> None:
        """Record a grade. It is on the disk when this returns."""
        values = (
            report.status, report.points, report.max_points, msgspec.json.encode(report).decode(),
            msgspec.json.encode(environment).decode(), seconds, tries, now(),
        )  # fmt: skip
        with self.book.transaction():
            self.book.db.execute(
                "UPDATE gradings SET status = ?, points = ?, max_points = ?, report = ?, environment = ?, seconds = ?, "
                "tries = ?, finished = ? WHERE id = ? AND batch = ? AND report IS NULL",
                (*values, claim.id, self.id),
            )

    def close(self) -> None:
        """Give back the claims that are not finished."""
        with self.book.transaction():
            self.book.db.execute("UPDATE gradings SET batch = NULL WHERE batch = ? AND report IS NULL", (self.id,))
        self._lock.release()


# -- locks


class _Lock:
    """The lock of one batch, held until `release`."""

    def __init__(self, folder: Path, batch: int) -> None:
        self._path = _path(folder, batch)
        self._descriptor = _locked(self._path)

    def release(self) -> None:
        """Release the lock and remove its file."""
        os.close(self._descriptor)
        self._path.unlink(missing_ok=True)


def _locked(path: Path) -> int:
    """Create and lock a file. Try again if another batch removes it in between, as the file of a dead batch."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if fcntl is None:
            return descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def _remove_dead_locks(folder: Path) -> None:
    """Remove the lock files of batches that were killed."""
    for path in folder.glob(f"{_PREFIX}*"):
        number = path.name.removeprefix(_PREFIX)
        if number.isdecimal():
            _is_alive(folder, int(number))


def _is_alive(folder: Path, batch: int) -> bool:
    """Whether another batch still runs. Removes the lock file of a dead one."""
    path = _path(folder, batch)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    path.unlink(missing_ok=True)
    return False


def _path(folder: Path, batch: int) -> Path:
    return folder / f"{_PREFIX}{batch}"
