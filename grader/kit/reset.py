"""Put a section's file, or an exercise in it, back to the stub. A backup keeps the old file, under `.grade/backups/`."""

import ast
import difflib
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from grader.course import Course, UsageError
from grader.grading.records import FOLDER, replace_file
from grader.kit.stubs import stub
from grader.predictions import EXERCISE, place_of_table
from grader.section import Section
from grader.submission.python_file import decode
from grader.toolkit.names_used import first_line

BACKUPS = "backups"


def handed_out(section: Section) -> str:
    """A section's file as students get it.

    Raises:
        UsageError: the course has neither its solution nor a copy of it.
    """
    if section.solution.is_file():
        return stub(section.solution.read_text(encoding="utf-8"), str(section.solution))
    if section.pristine.is_file():
        return section.pristine.read_text(encoding="utf-8")
    raise UsageError(f"{section.pristine}: missing, so that {section.id} cannot be reset.")


def reset(course: Course, section: Section, exercise: str | None, now: datetime) -> Path | None:
    """Put a section's file, or one exercise in it, back to the stub; return the path of the backup, None if there was no change.

    Raises:
        UsageError: the file is not valid Python, so that the exercise cannot be found; or it cannot be written.
    """
    path = section.exercise
    fresh = handed_out(section)
    try:
        old = path.read_bytes() if path.is_file() else None
        if exercise is not None and old is not None:
            fresh = _with_stub_of(exercise, old, fresh, section)
        if old == fresh.encode():
            return None
        backup = None if old is None else back_up(course, path, old, now)
        replace_file(path, fresh.encode())
    except OSError as error:
        place = error.filename or path
        raise UsageError(
            f"{place}: {error.strerror}. Nothing was changed. Make its folder writable, then try again."
        ) from None
    return backup


def undo(course: Course, section: Section, now: datetime) -> tuple[Path, Path | None]:
    """Put back the file that was kept last, and keep the present one; return the paths of both backups.

    Raises:
        UsageError: no file was kept; or a file cannot be read or written.
    """
    path = section.exercise
    kept = sorted((course.root / FOLDER / BACKUPS).glob(f"{path.stem}_????-??-??_*{path.suffix}"))
    if not kept:
        raise UsageError(
            f"{path.name}: no earlier file is kept, so there is nothing to undo. To reset: grade reset {section.id}"
        )
    try:
        earlier = kept[-1].read_bytes()
        old = path.read_bytes() if path.is_file() else None
        backup = None if old is None else back_up(course, path, old, now)
        replace_file(path, earlier)
    except OSError as error:
        place = error.filename or path
        raise UsageError(
            f"{place}: {error.strerror}. Nothing was changed. Make its folder writable, then try again."
        ) from None
    return kept[-1], backup


def _with_stub_of(exercise: str, old: bytes, fresh: str, section: Section) -> str:
    """The student's text with the stub in place of one definition, or at the end."""
    try:
        text = decode(old, section.exercise.name)
        place = _lines_of(exercise, text)
    except (SyntaxError, ValueError, RecursionError) as error:
        where = f"{section.exercise}:{error.lineno}" if isinstance(error, SyntaxError) else str(section.exercise)
        whole = f"grade reset {section.id}"
        raise UsageError(
            f"{where}: this is not Python, so that {exercise} cannot be found. Fix it, or type: {whole}"
        ) from None
    new = _lines_of(exercise, fresh)
    assert new is not None, f"the stub of {section.id} has no {exercise}"
    given = fresh.splitlines()[slice(*new)]
    lines = text.splitlines()
    if place is None:
        return "\n".join([*lines, "", "", *given]) + "\n"
    return "\n".join([*lines[: place[0]], *given, *lines[place[1] :]]) + "\n"


def _lines_of(exercise: str, text: str) -> tuple[int, int] | None:
    """The first and last line of an exercise's last definition, which counts, with its decorators."""
    if exercise == EXERCISE:
        place = place_of_table(text)
        return None if place is None else (place[0] - 1, place[1])
    found = None
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == exercise:
            found = first_line(node) - 1, node.end_lineno or node.lineno
    return found


def difference(section: Section, exercise: str = "", earlier: bytes | None = None) -> list[str]:
    """The student's changes of the stub, or of the `earlier` version in which an exercise passed, as lines of a unified diff.

    Raises:
        UsageError: the student's file is missing or not text.
    """
    path = section.exercise
    try:
        mine = decode(path.read_bytes(), path.name)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}. Bring it back: grade reset {section.id}") from None
    except SyntaxError as error:
        raise UsageError(f"{path}: {error.msg}. Then type: grade diff {section.id}") from None
    before = handed_out(section) if earlier is None else decode(earlier, path.name)
    since = "as handed out" if earlier is None else f"when {exercise} passed"
    names = f"{path.name} {since}", f"{path.name} now"
    return list(difflib.unified_diff(before.splitlines(), mine.splitlines(), *names, lineterm=""))


def back_up(course: Course, path: Path, old: bytes, now: datetime) -> Path:
    """Save the old content of a file; return the path of the backup."""
    folder = course.root / FOLDER / BACKUPS
    kept = folder / f"{path.stem}_{now:%Y-%m-%d_%H-%M-%S-%f}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(kept, old)
    except OSError:
        for made in (folder, folder.parent):
            with suppress(OSError):  # not empty
                made.rmdir()
        raise
    return kept
