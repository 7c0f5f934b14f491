"""The tables of a gradebook, and the migration of an older file to them."""

import sqlite3
from pathlib import Path

VERSION = 4
_SCHEMA = Path(__file__).with_name("schema.sql")


def schema_statements() -> list[str]:
    """The statements of `schema.sql`."""
    return _SCHEMA.read_text(encoding="utf-8").split(";\n")


def migrate(db: sqlite3.Connection, version: int) -> None:
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
