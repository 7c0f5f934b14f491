"""Read a CSV file: with commas, or with the semicolons or tabs of some spreadsheets, in UTF-8 or their UTF-16."""

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course import UsageError
from grader.toolkit.text import one_line

_SHOWN = 100
csv.field_size_limit(1 << 30)  # a cell may hold what a student has typed into Moodle, of any length


def read_table(path: Path, expected: str) -> list[list[str]]:
    """The rows of a CSV file, or UsageError with what was `expected`."""
    shown = one_line(str(path), _SHOWN)
    try:
        data = path.read_bytes()
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8: save it as CSV UTF-8"
        raise UsageError(f"{shown}: cannot be read: {reason}.") from None
    text = re.sub(r"\A(?:sep=.)?[\r\n]+", "", text)  # some spreadsheets name the delimiter first
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True))
    except csv.Error as error:
        raise UsageError(f"{shown}: not a table: {error}. {expected}.") from None
    while rows and not any(cell.strip() for cell in rows[-1]):  # a spreadsheet writes empty rows below a table
        rows.pop()
    return rows


def read_cells(path: Path, needed: Sequence[str], expected: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The place of each row that is not empty, and its cells by column; UsageError if a `needed` column is missing."""
    rows, shown = read_table(path, expected), one_line(str(path), _SHOWN)
    header = [column_name(cell) for cell in rows[0]] if rows else []
    if not {*needed} <= {*header}:
        found = one_line(", ".join(header), _SHOWN) or "nothing"
        raise UsageError(f"{shown}: its first line is {found}. {expected}.")
    for number, row in enumerate(rows[1:], 2):
        cells = dict.fromkeys(header, "") | dict(zip(header, (cell.strip() for cell in row), strict=False))
        if any(cells.values()):
            yield f"{shown}, line {number}", cells


def column_name(title: str) -> str:
    """A normalized name of a column: "Canvas ID" becomes canvas_id."""
    return re.sub(r"[\s-]+", "_", title.strip().lower())


def _dialect(text: str) -> type[csv.Dialect]:
    first = re.sub(r'"[^"]*"', "", text.partition("\n")[0])  # in a title there may be any

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found
