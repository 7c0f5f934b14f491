"""The files that may be handed in, by the ends of their names: how large each may be, who reads it, and who parses it."""

import ast
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # a worker imports this module
    from grader.submission.notebook_cells import ParsedSource
    from grader.submission.refusals import ExpectedFile

MIB = 1 << 20
SIZE_LIMIT = 1 * MIB  # bytes of source; the longest honest solution has a few ten thousand
NOTEBOOK_LIMIT = 32 * MIB  # its pictures are in the file, too: they are skipped, not read
ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".7z", ".rar", ".zst"})


@dataclass(frozen=True)
class Text:
    """The text of a file, as a worker gets it. `made_for` is the stem of the section that the file itself names, if it does."""

    source: bytes
    made_for: str = ""


class Parser(Protocol):
    """A module that makes Python code of a text; only a worker calls it, since hostile text can exhaust memory or the stack."""

    def lines(self, source: bytes, filename: str) -> list[str]:
        """The lines for tracebacks, for any bytes."""

    def tree(self, source: bytes, filename: str) -> ast.Module:
        """The syntax tree. Raises SyntaxError if there is none."""

    def parts(self, source: bytes, filename: str, exercises: Collection[str] = ()) -> "ParsedSource":
        """The code that `exercises` may use, in one or more parts. Raises SyntaxError."""


@dataclass(frozen=True)
class Format:
    """One kind of file to hand in.

    It may have `limit` bytes. `read` takes the text out of the bytes, or raises UnreadableError; `parser` gives the module that
    parses the text. `has_cells` if places in it are named by cell and line.
    """

    limit: int
    read: "Callable[[bytes, str, ExpectedFile], Text]"
    parser: Callable[[], Parser]
    has_cells: bool = False


def _read_python(data: bytes, place: str, wanted: "ExpectedFile") -> Text:
    if data[:1] == b"{" and b'"nbformat"' in data and b'"cells"' in data:
        raise wanted.renamed_notebook(place)
    return Text(data)


def _parse_python() -> Parser:
    from grader.submission import python_file

    return python_file


def _read_notebook(data: bytes, place: str, wanted: "ExpectedFile") -> Text:
    from grader.submission.notebook_source import source_of  # here, since most submissions do not need it

    text = Text(*source_of(data, place, wanted))
    if len(text.source) > SIZE_LIMIT:
        raise wanted.too_much_code(place, SIZE_LIMIT)
    return text


def _parse_notebook() -> Parser:
    from grader.submission import notebook_cells

    return notebook_cells


FORMATS = {
    ".py": Format(SIZE_LIMIT, _read_python, _parse_python),
    ".ipynb": Format(NOTEBOOK_LIMIT, _read_notebook, _parse_notebook, has_cells=True),
}
HAND_IN_KINDS = (*FORMATS, ".zip")
SESSION = "this_session.ipynb"  # what is graded from within Jupyter, which has no name that we know


def names_for(stem: str) -> str:
    """The names that a section's file may have, such as "section1_tiny.py or section1_tiny.ipynb"."""
    return " or ".join(f"{stem}{kind}" for kind in FORMATS)


def extension_of(name: str) -> str:
    """The end of a file's name that tells its kind, such as ".py"."""
    return os.path.splitext(name)[1].lower()


def format_of(name: str) -> Format:
    """The format of a file, by its name; a name of no known kind is that of a Python file."""
    return FORMATS.get(extension_of(name), FORMATS[".py"])
