"""Attempts: the students, files and times of the hand-ins, by the last intake.

An upload identifies an attempt: a later intake of it corrects its details and its owner.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Collection, Mapping
from datetime import UTC
from pathlib import PurePath

from grader.batch.gradebook.book import FIRST, Gradebook, now
from grader.batch.intake import HandIn


def admit(book: Gradebook, found: HandIn) -> bool:
    """Add a hand-in, inside a transaction, and queue a new content. Returns whether it is a new attempt."""
    run = book.db.execute
    run(
        "INSERT INTO students (id, name) VALUES (?, ?) "
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE excluded.name <> ''",
        (found.student, found.name),
    )
    content = _keep(book, found)
    submitted = found.submitted.astimezone(UTC).isoformat() if found.submitted else None
    details = (found.place, found.late, submitted, found.sequence, found.clock)
    if (number := _attempt(book, found, content)) is not None:
        columns = "place = ?, late = ?, submitted = ?, sequence = ?, clock = ?, upload = ?"
        update = f"UPDATE submissions SET {columns} WHERE id = ?"
        run(update, (*details, found.upload, number))
        return False
    run(
        "INSERT INTO submissions (student, section, content, upload, place, late, submitted, sequence, clock, seen) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (found.student, found.section.id, content, found.upload, *details, now()),
    )
    return True


def content_of(found: HandIn) -> str:
    """The hash of a file, of its bytes and of the name of its section and kind."""
    return hashlib.sha256(found.submission.filename.encode() + b"\0" + found.submission.source).hexdigest()


def _keep(book: Gradebook, found: HandIn) -> str:
    """Store a content, and queue it if it is new. Returns its hash."""
    filename, source, content = found.submission.filename, found.submission.source, content_of(found)
    if not book.db.execute("SELECT 1 FROM contents WHERE content = ?", (content,)).fetchone():
        values = (content, found.section.id, filename, zlib.compress(source))
        book.db.execute("INSERT INTO contents VALUES (?, ?, ?, ?)", values)
        book.queue(content, found.section.id, found.section.work(), FIRST)
    return content


def _attempt(book: Gradebook, found: HandIn, content: str) -> int | None:
    """The attempt of this hand-in; None if it is new, or if its place has held another file in between."""
    columns = "id, content, place, sequence"
    query = f"SELECT {columns} FROM submissions WHERE (student, section, upload) = (?, ?, ?) ORDER BY id"
    held, former = (
        book.db.execute(query, (found.student, found.section.id, upload)).fetchall() for upload in (found.upload, "")
    )
    known = next((row["id"] for row in held if row["content"] == content), None)
    if known is None:  # from before the gradebook knew uploads
        return next((row["id"] for row in former if row["content"] == content and _is_upload(row, found)), None)
    if held[-1]["id"] == known:
        return int(known)
    book.db.execute("DELETE FROM submissions WHERE id = ?", (known,))
    return None


def _is_upload(row: sqlite3.Row, found: HandIn) -> bool:
    """Whether an attempt that has no upload is of this one: by the number, else by the name of the place."""
    same_name = PurePath(row["place"]).name == PurePath(found.place).name
    return row["sequence"] == found.sequence and (found.sequence > 0 or same_name)


def settle(book: Gradebook, owners: Mapping[tuple[str, str, str], Collection[str]]) -> None:
    """Remove the attempts of students who are not the `owners` of a content in an upload, which belongs to a section.

    Keep them if no owner has that attempt: another batch, with another roster, may have removed it. Students without a roster,
    without another attempt and without a trouble are removed as well, and troubles about hand-ins that have come by now.
    """
    whole: dict[tuple[str, str], set[str]] = {}
    for (upload, section, _), students in owners.items():
        whole.setdefault((upload, section), set()).update(students)
    with book.transaction():
        for (upload, section), students in whole.items():
            _remove_others(book, students, "(one.upload, one.section) = (?, ?)", (upload, section))
        for key, students in owners.items():  # of a folder, one file may be another student's
            _remove_others(book, students, "(one.upload, one.section, one.content) = (?, ?, ?)", key)
        book.db.execute(  # what one folder lacks may lie in another
            "DELETE FROM troubles WHERE kind = 'unreadable' AND place = '' AND EXISTS (SELECT 1 FROM submissions AS own "
            "WHERE own.student = troubles.student AND troubles.section IN ('', own.section))"
        )
        book.db.execute(
            "DELETE FROM students WHERE ids IS NULL AND id NOT IN (SELECT student FROM submissions) "
            "AND id NOT IN (SELECT student FROM troubles)"
        )


def _remove_others(book: Gradebook, owners: Collection[str], which: str, values: tuple[str, ...]) -> None:
    marks = ", ".join("?" * len(owners))
    book.db.execute(
        f"DELETE FROM submissions AS one WHERE {which} AND student NOT IN ({marks}) AND EXISTS "
        "(SELECT 1 FROM submissions AS own WHERE (own.upload, own.section, own.content) = "
        f"(one.upload, one.section, one.content) AND own.student IN ({marks}))",
        (*values, *owners, *owners),
    )
