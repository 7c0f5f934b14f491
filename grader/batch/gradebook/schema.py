"""The tables of a gradebook, and the migration of an older file to them."""

import sqlite3
from pathlib import Path

VERSION = 2
_SCHEMA = Path(__file__).with_name("schema.sql")


def schema_statements() -> list[str]:
    """The statements of `schema.sql`."""
    return _SCHEMA.read_text(encoding="utf-8").split(";\n")


def migrate_from_version_1(db: sqlite3.Connection) -> None:
    """Add uploads, inside a transaction: version 1 kept one attempt for each content."""
    db.execute("ALTER TABLE submissions RENAME TO former")
    for statement in schema_statements():
        if " submissions " in statement.partition("(")[0] + " " or " ON submissions" in statement:
            db.execute(statement)
    columns = "id, student, section, content, place, late, submitted, sequence, seen"
    db.execute(f"INSERT INTO submissions ({columns}, upload) SELECT {columns}, '' FROM former")
    db.execute("DROP TABLE former")
    db.execute(f"PRAGMA user_version = {VERSION}")
