"""`comments.csv` beside the gradebook: what a teacher tells students, shown with their marks."""

from pathlib import Path

from grader.batch.csv_reader import read_table
from grader.batch.student_ids import column_name, folded
from grader.course import Course, UsageError
from grader.toolkit.text import one_line

FILENAME = "comments.csv"
_LONGEST = 2000  # characters
_EXPECTED = "Expected a first line with the columns id and comment, and perhaps section"


def comments_in(folder: Path, course: Course) -> dict[tuple[str, str], str]:
    """The comments by student and section, or by student and "". Raises UsageError if the table cannot be read."""
    path = folder / FILENAME
    if not path.is_file():
        return {}
    rows, found = read_table(path, _EXPECTED), dict[tuple[str, str], str]()
    header = [column_name(cell) for cell in rows[0]] if rows else []
    if "id" not in header or "comment" not in header:
        shown = one_line(", ".join(header), 100) or "nothing"
        raise UsageError(f"{one_line(str(path))}: its first line is {shown}. {_EXPECTED}.")
    for number, row in enumerate(rows[1:], 2):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        section = course.find(cells["section"]).id if cells.get("section") else ""
        text = " ".join(cells.get("comment", "").split())
        if not cells.get("id") or not text:
            continue
        key, text = (folded(cells["id"]), section), one_line(text, _LONGEST)
        if found.setdefault(key, text) != text:
            told = f"{one_line(str(path))}, line {number}: {one_line(cells['id'], 60)}"
            raise UsageError(f"{told} has another comment above. Write both in one line.")
    return found
