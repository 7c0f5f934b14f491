"""Write tables for a spreadsheet. No text becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from grader.render.words import short_number

# The first character of a formula in Excel, LibreOffice or Google Sheets, also in East Asian width.
_FORMULA = frozenset("=+-@＝＋－＠")
_BREAKS = frozenset("\t\r\n")
_PLAIN_ID = re.compile(r"[@+-]?[\w.@-]*")  # no call, no operator but a hyphen, no reference to another program
_HARMLESS = re.compile(r"-|-?\d+(?:[.,]\d+)?")


class Verbatim(str):
    """A cell to write unchanged."""


Cell = str | float | Verbatim | None


def text_cell(text: str) -> str:
    """Text as a cell: an apostrophe precedes text that begins like a formula.

    Line breaks stay; other invisible characters become blanks.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    shown = "\n".join("".join(char if char.isprintable() else " " for char in line) for line in lines)
    risky = text[:1] in _BREAKS or shown.lstrip()[:1] in _FORMULA
    return f"'{shown}" if risky else shown


def kept_cell(text: str) -> Verbatim:
    """A cell of another table: unchanged if it is a number, a dash, or text that is not a formula."""
    return Verbatim(text if _HARMLESS.fullmatch(text) else text_cell(text))


def id_cell(text: str) -> Verbatim:
    """An id, unchanged: with an apostrophe it would match no student. An id that is a formula gets one."""
    return Verbatim(text) if _PLAIN_ID.fullmatch(text) else kept_cell(text)


def table(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Rows as CSV in UTF-8. None gives an empty cell."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_written(cell) for cell in row])
    return page.getvalue().encode()


def _written(cell: Cell) -> str:
    if cell is None or isinstance(cell, Verbatim):
        return cell or ""
    return text_cell(cell) if isinstance(cell, str) else short_number(cell)
