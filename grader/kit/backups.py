"""What is about to be replaced is kept under `.grade/backups/`."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.grading.records import FOLDER, replace_file

BACKUPS = "backups"


def keep(course: Course, path: Path, old: bytes, now: datetime) -> Path:
    """Keep what a file holds; return where."""
    folder = course.root / FOLDER / BACKUPS
    kept = folder / f"{path.stem}_{now:%Y-%m-%d_%H-%M-%S-%f}{path.suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(kept, old)
    except OSError:
        for empty in (folder, folder.parent):  # if nothing is in them
            with suppress(OSError):
                empty.rmdir()
        raise
    return kept
