"""What is about to be replaced is kept under `.grade/backups/`."""

from datetime import datetime
from pathlib import Path

from grader.course import Course
from grader.grading.records import FOLDER, replace_file

BACKUPS = "backups"


def keep(course: Course, path: Path, old: bytes, now: datetime) -> Path:
    """Keep what a file holds; return where."""
    folder = course.root / FOLDER / BACKUPS
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{path.stem}_{now:%Y-%m-%d_%H-%M-%S-%f}{path.suffix}"
    replace_file(kept, old)
    return kept
