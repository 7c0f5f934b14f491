"""The tables of a gradebook: make them in a new file, and bring an older file to them."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from grader.batch.course_key import make_folder

VERSION = 4
_APPLICATION = 0x47724465  # "GrDe", where `file` and SQLite look for it
_SCHEMA = Path(__file__).with_name("schema.sql")


def make_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, in such a folder, unless there is a file.

    SQLite takes it for a new database, and gives its permissions to the files that it makes beside it. A file that is there is
    not opened: closing it would free the locks that this process may have on it.
    """
    make_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def prepare(db: sqlite3.Connection, edition: int | None) -> None:
    """Make the tables in a new file, or migrate an older one, inside a transaction. DatabaseError for another program's."""
    application, version = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("application_id", "user_version")
    )
    is_new = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if is_new:
        for statement in schema_statements():
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
        db.execute(f"PRAGMA user_version = {VERSION}")
    elif application == _APPLICATION and 1 <= version < VERSION:
        if edition in (None, edition_of(db)):  # a gradebook of another edition stays as it is
            _migrate(db, version)
    elif application != _APPLICATION or version != VERSION:
        made = f"a gradebook of version {version}" if application == _APPLICATION else "another program's database"
        raise sqlite3.DatabaseError(f"it is {made}; this grader writes version {VERSION}")
    if edition is not None and (is_new or version == VERSION) and _is_blank(db):
        db.execute("INSERT INTO course VALUES (?)", (edition,))


def _is_blank(db: sqlite3.Connection) -> bool:
    """Whether it holds no edition and no grading, as one that another process has just looked into."""
    return not db.execute("SELECT EXISTS(SELECT 1 FROM course) OR EXISTS(SELECT 1 FROM gradings)").fetchone()[0]


def edition_of(db: sqlite3.Connection) -> int:
    """The edition of the course that a gradebook belongs to: 1 if the file does not say."""
    known = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'course'").fetchone()
    row = db.execute("SELECT edition FROM course").fetchone() if known else None
    return int(row["edition"]) if row else 1


def schema_statements() -> list[str]:
    """The statements of `schema.sql`."""
    return _SCHEMA.read_text(encoding="utf-8").split(";\n")


def _migrate(db: sqlite3.Connection, version: int) -> None:
    """Bring an older gradebook to this version, inside a transaction."""
    if version == 1:
        _add_uploads(db)
    elif version == 2:
        db.execute("ALTER TABLE submissions ADD COLUMN clock TEXT NOT NULL DEFAULT ''")
    for statement in schema_statements():
        if {"assigned", "runs"} & {*statement.partition("(")[0].split()}:
            db.execute(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
    db.execute(f"PRAGMA user_version = {VERSION}")


def _add_uploads(db: sqlite3.Connection) -> None:
    """Version 1 kept one attempt for each content."""
    db.execute("ALTER TABLE submissions RENAME TO former")
    for statement in schema_statements():
        if " submissions " in statement.partition("(")[0] + " " or " ON submissions" in statement:
            db.execute(statement)
    columns = "id, student, section, content, place, late, submitted, sequence, seen"
    db.execute(f"INSERT INTO submissions ({columns}, upload) SELECT {columns}, '' FROM former")
    db.execute("DROP TABLE former")
